"""Small mistakes that could be made in a Python source: where, which, and the source with one of them. Pure.

The operators are the usual ones (Offutt et al. 1996, "An experimental determination of sufficient mutant operators",
ACM TOSEM 5(2): relational, arithmetic, logical connector and unary insertion are sufficient), and three of statements:
a call or a raise left out, a condition turned round, a result that is not given. Left alone: texts (messages, SQL),
types, asserts, what is logged, `__repr__`, and how a class is made (`@dataclass(frozen=True)`).
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass

_Change = Callable[[], ast.AST]

_COMPARE: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
_ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.FloorDiv, ast.Div: ast.Mult, ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult, ast.LShift: ast.RShift, ast.RShift: ast.LShift, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd,
    ast.BitXor: ast.BitAnd, ast.Pow: ast.Mult,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mutant:
    """One mistake: the number of the node and of its variant, and where a reader finds it."""

    node: int
    variant: int
    line: int
    what: str
    top: tuple[int, str] | None  # first line and name of the outermost function; None: made when imported


def mutants(source: str) -> list[Mutant]:
    """Every mistake that this file knows, in the order of the source."""
    tree = ast.parse(source)
    classes = [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    made = {inner for each in classes for maker in each.decorator_list for inner in ast.walk(maker)}
    return [
        Mutant(number, variant, getattr(node, "lineno", 0), what, top)
        for number, (node, top) in enumerate(_nodes(tree))
        if node not in made
        for variant, (what, _) in enumerate(_changes(node))
    ]


def mutated(source: str, mutant: Mutant) -> ast.Module:
    """The source with that mistake; lines keep their numbers."""
    tree = ast.parse(source)
    for number, (node, _) in enumerate(_nodes(tree)):
        if number == mutant.node:
            new = _changes(node)[mutant.variant][1]()
            _replace(tree, node, ast.copy_location(new, node))
            return ast.fix_missing_locations(tree)
    raise ValueError(f"no node {mutant.node}")


def lines_of(source: str, mutant: Mutant) -> set[int]:
    """Lines of the statement that it changes; of one that has others inside, those of its head."""
    tree = ast.parse(source)
    changed = next(node for number, (node, _) in enumerate(_nodes(tree)) if number == mutant.node)
    found = _span(changed)
    for each in ast.walk(tree):
        if isinstance(each, ast.stmt) and any(node is changed for node in _head(each)):
            found |= _span(each)
    return found


def _head(statement: ast.stmt) -> Iterator[ast.AST]:
    """Its nodes without those of statements inside of it."""
    waiting: list[ast.AST] = [statement]
    while waiting:
        node = waiting.pop()
        yield node
        waiting += [child for child in ast.iter_child_nodes(node) if not isinstance(child, ast.stmt)]


def _span(node: ast.AST) -> set[int]:
    first = getattr(node, "lineno", 0)
    body = getattr(node, "body", None)
    if isinstance(body, list) and body:
        return set(range(first, max(first, body[0].lineno - 1) + 1))
    return set(range(first, (getattr(node, "end_lineno", None) or first) + 1))


def _nodes(
    tree: ast.AST, top: tuple[int, str] | None = None, place: str = ""
) -> Iterator[tuple[ast.AST, tuple[int, str] | None]]:
    """What may be changed, and the outermost function it runs in."""
    for name, child in _children(tree):
        if _left_alone(tree, name, child):
            continue
        inside, here = top, place
        if top and _first(tree) == top[0] and name in {"decorator_list", "args"}:
            inside = None  # made when the function is defined, not when it runs
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef) and top is None:
            inside, here = (_first(child), place + child.name), place + child.name
        elif isinstance(child, ast.ClassDef) and top is None:
            here = f"{place}{child.name}."
        yield child, inside
        yield from _nodes(child, inside, here)


def _first(node: ast.AST) -> int:
    """The first line of a function, as its code has it: that of a decorator."""
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return 0
    return min([node.lineno, *(each.lineno for each in node.decorator_list)])


def _children(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    for name, value in ast.iter_fields(node):
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, ast.AST):
                yield name, each


def _left_alone(parent: ast.AST, name: str, node: ast.AST) -> bool:
    if name in {"annotation", "returns", "type_params", "exc"}:
        return True
    if isinstance(node, ast.Assert | ast.JoinedStr | ast.Import | ast.ImportFrom):
        return True
    if isinstance(node, ast.FunctionDef) and node.name == "__repr__":
        return True
    if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
        return True
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        return ast.unparse(node.value.func).startswith("log.")
    return isinstance(parent, ast.Call) and ast.unparse(parent.func) in {"TypeVar", "namedtuple", "Field"}


def _changes(node: ast.AST) -> list[tuple[str, _Change]]:  # noqa: C901, PLR0912 # one branch an operator
    found: list[tuple[str, _Change]] = []

    def may(what: str, change: _Change) -> None:
        found.append((what, change))

    if isinstance(node, ast.Compare):
        for at, operator in enumerate(node.ops):
            may(f"{_name(operator)} -> {_COMPARE[type(operator)].__name__}", lambda at=at: _compare(node, at))  # type: ignore[misc]
    elif isinstance(node, ast.BinOp | ast.AugAssign) and type(node.op) in _ARITHMETIC:
        may(f"{_name(node.op)} -> {_ARITHMETIC[type(node.op)].__name__}", lambda: _arithmetic(node))
    elif isinstance(node, ast.BoolOp):
        other = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        may(f"{_name(node.op)} -> {_name(other)}", lambda: ast.BoolOp(other, node.values))
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not | ast.USub):
        may(f"{_name(node.op)} left out", lambda: node.operand)
    elif isinstance(node, ast.Constant):
        if isinstance(node.value, bool):
            may(f"{node.value} -> {not node.value}", lambda: ast.Constant(not node.value))
        elif isinstance(node.value, int | float):
            may(f"{node.value} -> {node.value + 1}", lambda: ast.Constant(node.value + 1))  # type: ignore[operator]
    elif isinstance(node, ast.If | ast.While | ast.IfExp):
        may("condition turned round", lambda: _turned(node))
    elif isinstance(node, ast.Return) and not _is_none(node.value):
        may("returns None", lambda: ast.Return(ast.Constant(None)))
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call | ast.Await):
        may("call left out", ast.Pass)
    elif isinstance(node, ast.Raise):
        may("raise left out", ast.Pass)
    elif isinstance(node, ast.Break):
        may("break -> continue", ast.Continue)
    elif isinstance(node, ast.Continue):
        may("continue -> break", ast.Break)
    return found


def _name(operator: ast.AST) -> str:
    return type(operator).__name__


def _is_none(node: ast.expr | None) -> bool:
    return node is None or (isinstance(node, ast.Constant) and node.value is None)


def _compare(node: ast.Compare, at: int) -> ast.AST:
    ops: list[ast.cmpop] = [*node.ops]
    ops[at] = _COMPARE[type(ops[at])]()
    return ast.Compare(node.left, ops, node.comparators)


def _arithmetic(node: ast.BinOp | ast.AugAssign) -> ast.AST:
    operator = _ARITHMETIC[type(node.op)]()
    if isinstance(node, ast.BinOp):
        return ast.BinOp(node.left, operator, node.right)
    return ast.AugAssign(node.target, operator, node.value)


def _turned(node: ast.If | ast.While | ast.IfExp) -> ast.AST:
    test = ast.UnaryOp(ast.Not(), node.test)
    if isinstance(node, ast.IfExp):
        return ast.IfExp(test, node.body, node.orelse)
    return type(node)(test, node.body, node.orelse)


def _replace(tree: ast.AST, old: ast.AST, new: ast.AST) -> None:
    for parent in ast.walk(tree):
        for name, value in ast.iter_fields(parent):
            if value is old:
                setattr(parent, name, new)
                return
            if isinstance(value, list):
                for at, each in enumerate(value):
                    if each is old:
                        value[at] = new
                        return
