"""float64 throughout, load_state_dict, one image at a time; German comments."""
# expect: full marks
# %% build_stack_solution
def build_stack(stack, kernels):
    """A torch module of the stack with these kernels: (N, 1, H, W) -> (N, 1, H', W')."""
    teile = []
    for schicht in stack:
        k, s, d = schicht["kernel"], schicht["stride"], schicht["dilation"]
        teile.append(nn.Conv2d(1, 1, k, s, 0, d, bias=False) if schicht["kind"] == "conv" else nn.MaxPool2d(k, s))
    netz = nn.Sequential(*teile).double()
    # die Gewichte kommen in derselben Reihenfolge wie die Kerne
    netz.load_state_dict({name: torch.tensor(kern, dtype=torch.float64)[None, None]
                          for name, kern in zip(netz.state_dict(), kernels)})
    return netz
# %% measured_field_solution
def measured_field(stack, kernels, size):
    """The field of the last layer's upper left unit, found by lighting up one pixel after the other."""
    netz = build_stack(stack, kernels)
    treffer = []
    for i in range(size):
        bild = torch.zeros(1, 1, size, size, dtype=torch.float64)
        bild[0, 0, i, i] = 1  # nur dieses Pixel leuchtet
        if netz(bild)[0, 0, 0, 0].item() > 1e-6:
            treffer.append(i)
    if not treffer:
        return 0
    return treffer[-1] - treffer[0] + 1
