import subprocess
import time

for _ in range(20):
    subprocess.run(["sh", "-c", "sleep 0.2 &"], check=True)
print("left 20 orphans", flush=True)
time.sleep(3600)
