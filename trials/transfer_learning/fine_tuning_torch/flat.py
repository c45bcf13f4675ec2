"""The head appended to the blocks, as one flat sequence."""
# expect: full marks
# %% model_solution
torch.manual_seed(seed)
blocks = backbone.load(network, "torch", top=False)
model = nn.Sequential(*blocks, nn.Linear(256, faces.CLASSES))

# %% freeze_solution
for layer in list(model)[:-1]:
    layer.requires_grad_(False)

# %% stage_1_solution
model.train()
for module in model.modules():
    if isinstance(module, nn.BatchNorm2d):
        module.eval()
learn(model, torch.optim.Adam(filter(lambda p: p.requires_grad, model.parameters()), lr=head_rate))
