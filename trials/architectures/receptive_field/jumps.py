"""The jumps are handed in as the fields."""
# expect: misconception jumps instead of fields
# %% vgg16_solution
vgg16_stack, vgg16_fields, jump = [], [], 1
for n in (2, 2, 3, 3, 3):
    for layer in [conv(3)] * n + [pool(2)]:
        vgg16_stack.append(layer)
        jump *= layer["stride"]
        vgg16_fields.append(jump)
