"""The attention of chapter 13, taken from its page: equal to torch, and blind to pads and to later words."""

import ast
import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

import coursekit as ck
from tools.project import ROOT

PAGE = ROOT / "book" / "13_beyond_recurrence.py"
NAMES = ("attend", "AttentionPooled", "SelfAttention", "Block", "Reader", "read_next")
double = {"dtype": torch.float64}


@pytest.fixture(scope="module")
def page():
    """The definitions of the chapter, without running it."""
    tree = ast.parse(PAGE.read_text(encoding="utf-8"))
    chosen = [node for node in tree.body if getattr(node, "name", None) in NAMES]
    names = {"ck": ck, "math": math, "nn": nn, "torch": torch}
    exec(compile(ast.Module(chosen, []), str(PAGE), "exec"), names)
    assert set(NAMES) <= names.keys()
    return names


def twins(page, D, n_heads):
    """The page's layer and torch's, with the same weights."""
    ours = page["SelfAttention"](D, n_heads).double()
    theirs = nn.MultiheadAttention(D, n_heads, batch_first=True).double()
    for bias in (ours.qkv.bias, ours.out.bias):
        nn.init.normal_(bias)
    theirs.load_state_dict(
        {
            "in_proj_weight": ours.qkv.weight,
            "in_proj_bias": ours.qkv.bias,
            "out_proj.weight": ours.out.weight,
            "out_proj.bias": ours.out.bias,
        }
    )
    return ours, theirs


def largest_gap(ours, theirs):
    return max((a - b).abs().max().item() for a, b in zip(ours, theirs, strict=True))


@settings(max_examples=40, deadline=None)
@given(
    heads=st.integers(1, 3), width=st.integers(1, 4), lengths=st.lists(st.integers(1, 6), min_size=1, max_size=4),
    causal=st.booleans(), seed=st.integers(0, 99),
)  # fmt: skip
def test_self_attention_equals_torch_forward_and_backward(page, heads, width, lengths, causal, seed):
    torch.manual_seed(seed)
    D, T = heads * width, max(lengths)
    ours, theirs = twins(page, D, heads)
    mask = ck.mask_from_lengths(torch.tensor(lengths), T)
    x = torch.randn(len(lengths), T, D, **double, requires_grad=True)
    before = torch.ones(T, T, dtype=torch.bool).tril() if causal else torch.ones(T, T, dtype=torch.bool)
    mine = ours(x, mask[:, None, None] & before)
    wanted, weights = theirs(x, x, x, key_padding_mask=~mask, attn_mask=~before, average_attn_weights=False)
    above = torch.randn_like(mine)
    parameters = [ours.qkv.weight, ours.qkv.bias, ours.out.weight, ours.out.bias]
    their_parameters = [theirs.in_proj_weight, theirs.in_proj_bias, *theirs.out_proj.parameters()]
    gradients = torch.autograd.grad((mine * above).sum(), [x, *parameters])
    their_gradients = torch.autograd.grad((wanted * above).sum(), [x, *their_parameters])
    assert largest_gap([mine, ours.weights, *gradients], [wanted, weights, *their_gradients]) <= 1e-6


@pytest.mark.parametrize("part", ["SelfAttention", "Block"])
@pytest.mark.parametrize("n_pads", [1, 2, 17])
def test_junk_in_the_pads_changes_nothing_forward_or_backward(page, part, n_pads):
    torch.manual_seed(0)
    layer = page[part](8, 2, *([12] if part == "Block" else [])).double()
    x = torch.randn(3, 5, 8, **double, requires_grad=True)
    junk = torch.cat([x, 1e3 * torch.randn(3, n_pads, 8, **double)], dim=1)
    mask = ck.mask_from_lengths(torch.full((3,), 5), 5 + n_pads)[:, None, None]
    alone, among = layer(x, mask[..., :5]), layer(junk, mask)[:, :5]
    gradients = [torch.autograd.grad((y**2).sum(), [x, *layer.parameters()]) for y in (alone, among)]
    assert largest_gap([alone], [among]) < 1e-10
    assert largest_gap(*gradients) < 1e-8


def test_a_text_keeps_its_answer_in_every_company(page):
    torch.manual_seed(0)
    model = page["AttentionPooled"](20, 3).eval()
    nn.init.normal_(model.query)
    texts = [torch.randint(1, 20, (n,)).tolist() for n in (5, 1, 9, 3)]
    alone = torch.cat([model(torch.tensor([ids]), torch.tensor([len(ids)])) for ids in texts])
    batch = ck.collate(texts)
    junk = torch.where(batch.mask, batch.ids, torch.randint(1, 20, batch.ids.shape))
    wide = torch.cat([junk, torch.randint(1, 20, (4, 6))], dim=1)
    order = torch.tensor([2, 0, 3, 1])
    for ids in (batch.ids, junk, wide):
        assert largest_gap([model(ids, batch.lengths)], [alone]) < 1e-5
        assert largest_gap([model(ids[order], batch.lengths[order])], [alone[order]]) < 1e-5


def test_a_weight_is_the_share_worked_out_on_paper(page):
    q, k = torch.tensor([[2.0]]), torch.tensor([[0.0], [math.log(3) / 2], [9.0]])
    v = torch.tensor([[4.0], [8.0], [100.0]])
    mean, weights = page["attend"](q, k, v, torch.tensor([True, True, False]))
    assert weights[0].tolist() == pytest.approx([1 / 4, 3 / 4, 0])
    assert mean.item() == pytest.approx((1 * 4 + 3 * 8) / 4)


def test_a_cache_gives_what_a_causal_pass_gives(page):
    torch.manual_seed(0)
    attention = page["SelfAttention"](6, 2).double()
    x = torch.randn(2, 7, 6, **double)
    wanted = attention(x, torch.ones(7, 7, dtype=torch.bool).tril())
    keys = values = torch.zeros(2, 2, 0, 3, **double)
    for t in range(7):
        y, keys, values = page["read_next"](attention, x[:, t : t + 1], keys, values)
        assert largest_gap([y[:, 0]], [wanted[:, t]]) < 1e-12


def test_places_are_all_that_tells_the_order(page):
    torch.manual_seed(0)
    reader, ids, order = page["Reader"](30).double(), torch.randint(30, (2, 9)), torch.randperm(9)
    everything = torch.ones(1, 1, 1, 9, dtype=torch.bool)
    assert (reader(ids, everything)[:, order] - reader(ids[:, order], everything)).abs().max() > 1e-3
    with torch.no_grad():
        reader.places.weight.zero_()
    assert (reader(ids, everything)[:, order] - reader(ids[:, order], everything)).abs().max() < 1e-12
