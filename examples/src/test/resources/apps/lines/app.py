import itertools
import os
import time


def rest(printed):
    """As long as there is a file of that name; says how many lines came before."""
    if os.path.exists("rest"):
        with open("resting.new", "w") as file:
            file.write(str(printed))
        os.rename("resting.new", "resting")
        while os.path.exists("rest"):
            time.sleep(0.01)


for number in itertools.count():
    rest(number)
    # One write a line, which print does not do here: half a line that a daemon has read is gone when it is killed.
    os.write(1, b"%d\n" % number)
    time.sleep(0.005)
