"""Pads with copies."""
# expect: misconception edge repeated
# %% depth_concat_solution
def depth_concat(tensors):
    """The tensors (H, W, C), each in the middle of zeros where it is too small, one behind the other."""
    height = max(tensor.shape[0] for tensor in tensors)
    width = max(tensor.shape[1] for tensor in tensors)
    padded = []
    for tensor in tensors:
        rows = height - tensor.shape[0]
        columns = width - tensor.shape[1]
        above, left = rows // 2, columns // 2
        padded.append(np.pad(tensor, ((above, rows - above), (left, columns - left), (0, 0)), mode="edge"))
    return np.concatenate(padded, axis=2)
