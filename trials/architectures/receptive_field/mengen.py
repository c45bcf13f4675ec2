"""Sets of pixels instead of a formula, German comments."""
# expect: full marks
# %% by_hand_solution
felder = []
felder.append(7)      # ein grosser Kern
felder.append(3 + 2 + 2)
felder.append(3 + 2 * 2)   # zwei Schritte zu je zwei Pixeln
felder.append(3 + 2 * 4)
fields_by_hand = np.array(felder)
# %% receptive_field_solution
def receptive_field(stack):
    """How many pixels a unit of the last layer sees, from the first to the last, along one axis."""
    # Die Einheit 0 der letzten Schicht: auf welche Einheiten darunter schaut sie?
    pixel = {0}
    for schicht in reversed(stack):
        pixel = {p * schicht["stride"] + i * schicht["dilation"] for p in pixel for i in (0, schicht["kernel"] - 1)}
    return max(pixel) - min(pixel) + 1
# %% count_weights_solution
def count_weights(stack, channels):
    """All weights of the stack's convolutions, without biases, with `channels` channels in and out of each layer."""
    kerne = np.array([s["kernel"] for s in stack if s["kind"] == "conv"])
    return np.sum(kerne ** 2 * channels ** 2)
# %% vgg16_solution
vgg16_stack, vgg16_fields = [], []
for nummer in range(18):
    vgg16_stack.append(pool(2, 2) if nummer in (2, 5, 9, 13, 17) else conv(3, 1, 1))
    vgg16_fields.append(receptive_field(vgg16_stack))
