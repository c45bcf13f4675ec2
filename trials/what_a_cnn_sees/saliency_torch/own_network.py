"""The notebook's network, whatever network is given."""
# expect: misconception the notebook's own network
# %% saliency_solution
def saliency(network, image, label):
    x = torch.tensor(image[None], requires_grad=True)
    y = scores(model, x)[0, label]
    gradient = torch.autograd.grad(y, x)[0][0].numpy()
    return np.abs(gradient).max(axis=0)
