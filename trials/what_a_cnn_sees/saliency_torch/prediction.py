"""The class that the network prefers, whatever was asked."""
# expect: misconception the class that the network prefers
# %% saliency_solution
def saliency(model, image, label):
    x = torch.tensor(image[None], requires_grad=True)
    y = scores(model, x).max()
    gradient = torch.autograd.grad(y, x)[0][0].numpy()
    return np.abs(gradient).max(axis=0)
