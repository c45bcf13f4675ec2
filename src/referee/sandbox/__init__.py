"""Where a student's kernel lives: its limits, its walls and Jupyter's door to it.

    provisioner   Jupyter's door: managers and clients of kernels            -> nursery, scratch
    nursery       plans, parents, spares: which kernel is forked from what   -> forkserver, isolation, scratch
    forkserver    our side of a warm parent                                  -> jail
    jail/         what runs inside: the parent, its kernels, their walls
    inside        answers questions, in the student's kernel
    isolation     which layers this machine has, and whether kernels can be forked
    scratch       a kernel's folder on our side: its sockets, and without namespaces all that it writes
    limits        how much a notebook may use
    running       a kernel that runs: alive, interrupted, ended, and why     -> watch
    watch         what it and its children use

An arrow names what a module calls.
"""
