import itertools
import time

for number in itertools.count():
    print(number, flush=True)
    time.sleep(0.005)
