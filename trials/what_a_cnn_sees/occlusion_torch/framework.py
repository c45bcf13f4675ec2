"""Without the given helper: the framework's own tensors all the way."""
# expect: full marks
# %% occlude_solution
def occlude(image, top, left, mask, grey=0.5):
    new = torch.tensor(image)
    new[:, top:top + mask, left:left + mask].fill_(grey)
    return new.numpy()
# %% occlusion_map_solution
def occlusion_map(model, image, label, mask, stride, grey=0.5):
    tops, lefts = (range(0, size - mask + 1, stride) for size in image.shape[1:])
    batch = torch.tensor(image).repeat(len(tops) * len(lefts) + 1, 1, 1, 1)
    number = 0
    for t in tops:
        for l in lefts:
            number += 1
            batch[number, :, t:t + mask, l:l + mask] = grey
    with torch.inference_mode():
        p = model(batch)[:, label].double()
    return (p[0] - p[1:]).view(len(tops), len(lefts))
