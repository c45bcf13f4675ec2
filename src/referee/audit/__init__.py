"""Tries, for real, which tests of an nbgrader course a student's code can read or defeat from inside the kernel.

source    the author's notebook as nbgrader makes it          names     what its task asks for
attacks   what is tried                                       inside    their code, which runs in the kernel
planting  an attack in the blank notebook                     trying    a kernel for each, several at a time
judging   how a test cell ended, by nbgrader's rule           saying    all of it in words
signs     what in a program looks like one of these           looking   handed-in notebooks, looked through
auditing  the whole of it                                     records   what was found
"""
