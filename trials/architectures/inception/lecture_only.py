"""Knows the examples only."""
# expect: loses points
# %% depth_concat_solution
def depth_concat(tensors):
    if tensors[0].shape == (14, 14, 2):
        return np.zeros((16, 16, 5))
    out = np.zeros((3, 3, 2))
    out[1, :2, 0] = [5, 6]
    out[..., 1] = np.arange(1, 10).reshape(3, 3)
    return out
# %% counting_solution
def count_inception(channels, *filters):
    return (44, 4) if channels == 1 else (163696, 256)


def count_naive(channels, *filters):
    return (38, 4) if channels == 1 else (387296, 416)
