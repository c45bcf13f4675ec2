"""The layers that lock a kernel in; this package runs inside the sandbox, so it imports the standard library alone."""
