"""From the top unit down to the image; generator expressions; a table instead of a loop for VGG16."""
# expect: full marks
# %% by_hand_solution
fields_by_hand = (7, 7, 7, 11)
# %% receptive_field_solution
def receptive_field(stack):
    """How many pixels a unit of the last layer sees, from the first to the last, along one axis."""
    seen = 1
    for layer in stack[::-1]:
        seen = (seen - 1) * layer["stride"] + (layer["kernel"] - 1) * layer["dilation"] + 1
    return seen
# %% count_weights_solution
def count_weights(stack, channels):
    """All weights of the stack's convolutions, without biases, with `channels` channels in and out of each layer."""
    return sum((l["kernel"] * channels) ** 2 for l in stack if l["kind"] != "pool")
# %% vgg16_solution
block2, block3 = [conv(3), conv(3), pool(2)], [conv(3), conv(3), conv(3), pool(2)]
vgg16_stack = block2 + block2 + block3 + block3 + block3
vgg16_fields = np.array([receptive_field(vgg16_stack[:n]) for n in range(1, 19)])
