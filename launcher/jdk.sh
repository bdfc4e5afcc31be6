# Sourced by pm2j, test and .ci/run: finds a JDK of at least version 25.
#
# find_jdk sets JDK to its folder, or returns 1. It reads the `release` file that every JDK has, and so starts no
# process; folders are looked at in this order: JAVA_HOME, the java and javac in PATH, the usual places.

JDK_LEAST=25

# jdk_is_new_enough FOLDER
jdk_is_new_enough() {
  [ -x "$1/bin/javac" ] && [ -r "$1/release" ] || return 1
  while IFS='=' read -r key value; do
    if [ "$key" = JAVA_VERSION ]; then
      value=${value#\"}
      value=${value%%[!0-9]*}
      [ -n "$value" ] && [ "$value" -ge "$JDK_LEAST" ]
      return
    fi
  done <"$1/release"
  return 1
}

find_jdk() {
  if [ -n "${JAVA_HOME:-}" ] && jdk_is_new_enough "$JAVA_HOME"; then
    JDK=$JAVA_HOME
    return 0
  fi
  old_ifs=$IFS
  IFS=:
  for folder in $PATH; do
    if [ -x "$folder/javac" ] && jdk_is_new_enough "$folder/.."; then
      IFS=$old_ifs
      JDK=$folder/..
      return 0
    fi
  done
  IFS=$old_ifs
  for folder in /usr/lib/jvm/* /usr/java/* /opt/*jdk* /opt/java/* "$HOME"/.sdkman/candidates/java/* \
    "$HOME"/.jdks/* /Library/Java/JavaVirtualMachines/*/Contents/Home; do
    if jdk_is_new_enough "$folder"; then
      JDK=$folder
      return 0
    fi
  done
  return 1
}

no_jdk() {
  echo "pm2j: no JDK $JDK_LEAST or newer was found; install one (Temurin $JDK_LEAST, for example) or set JAVA_HOME to it" >&2
}
