"""Ein Optimierer für beide Stufen: die neuen Gewichte kommen als zweite Gruppe dazu."""
# expect: full marks
# %% preprocess_solution
side = backbone.SIDE[network]


def preprocess(images):
    b = []
    for bild in backbone.resize(images, side):
        b.append(np.stack([bild[:, :, 2] - 103.939, bild[:, :, 1] - 116.779, bild[:, :, 0] - 123.68]))
    return torch.tensor(np.array(b), dtype=torch.float32)

# %% freeze_solution
blocks.eval()
for p in blocks.parameters():
    p.requires_grad_(False)

# %% stage_1_solution
kopf = model[1]
adam = torch.optim.Adam(kopf.parameters(), lr=head_rate)
learn(model, adam)

# %% unfreeze_solution
letzte = blocks.get_submodule("block4_conv1")
letzte.weight.requires_grad = letzte.bias.requires_grad = True

# %% stage_2_solution
adam.add_param_group({"params": letzte.parameters()})
for gruppe in adam.param_groups:
    gruppe["lr"] = fine_rate
learn(model, adam)
