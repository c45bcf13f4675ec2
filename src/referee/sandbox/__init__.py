"""Where a student's kernel lives: its limits, its walls and Jupyter's door to it.

provisioner   Jupyter's door: managers and clients of kernels          -> nursery, scratch
nursery       plans, parents, spares: whose kernel is forked from what -> forkserver, isolation, scratch
forkserver    our side of a warm parent                                -> jail
jail/         the parent, its kernels and their walls; all that runs inside, with inside.py, which answers questions
isolation     which layers this machine has, and whether kernels can be forked
scratch       a kernel's folder on our side: its sockets, and without namespaces all that it writes
limits        how much a notebook may use     running, watch   a kernel that runs, and what it uses
"""
