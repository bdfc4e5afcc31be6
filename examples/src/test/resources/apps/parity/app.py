import os, sys, time
print("hello of " + os.environ["name"], sys.argv[1:], flush=True)
while True:
    time.sleep(1)
