"""Gemessen mit der Ableitung nach der Eingabe statt mit einer Stoerung."""
# expect: full marks
# %% measured_memory_solution
def measured_memory(kernels, dilations):
    # wovon haengt die neueste Ausgabe ab? Das sagt ihre Ableitung.
    laenge = memory([(len(k), d) for k, d in zip(kernels, dilations)]) + 1
    x = torch.zeros(1, 1, laenge, requires_grad=True)
    make_stack(kernels, dilations)(x)[0, 0, -1].backward()
    aelteste = int(torch.nonzero(x.grad[0, 0])[0])
    return laenge - 1 - aelteste

