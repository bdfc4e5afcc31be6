echo "hello of $name $*"
exec sleep 1000
