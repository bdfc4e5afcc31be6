with open("runs", "a") as runs:
    runs.write("ran\n")
