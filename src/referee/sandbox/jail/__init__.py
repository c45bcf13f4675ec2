"""The layers that lock a kernel in; this package runs inside the sandbox, so it imports the standard library alone."""

#: The channels of a kernel, in the order in which their listening sockets are handed over the wall.
CHANNELS = ("shell", "iopub", "stdin", "control", "hb")
