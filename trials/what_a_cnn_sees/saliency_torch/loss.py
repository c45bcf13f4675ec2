"""The gradient of the cross-entropy."""
# expect: misconception the loss's gradient
# %% saliency_solution
def saliency(model, image, label):
    x = torch.tensor(image[None], requires_grad=True)
    y = torch.nn.functional.cross_entropy(scores(model, x), torch.tensor([label]))
    gradient = torch.autograd.grad(y, x)[0][0].numpy()
    return np.abs(gradient).max(axis=0)
