"""Cuts the larger ones."""
# expect: misconception cut to the smallest
# %% depth_concat_solution
def depth_concat(tensors):
    h = min(t.shape[0] for t in tensors)
    w = min(t.shape[1] for t in tensors)
    out = []
    for t in tensors:
        i, j = (t.shape[0] - h) // 2, (t.shape[1] - w) // 2
        out.append(t[i:i+h, j:j+w])
    return np.concatenate(out, axis=2)
