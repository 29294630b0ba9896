//! Conditions that hold for every row: literals folded by PostgreSQL's rules
//! as far as a text can prove them. What is not understood is no constant.

use squawk_syntax::ast::{self, AstNode, BinOp, Expr, LitKind, PostfixOp, PrefixOp, SelectVariant};

/// Columns that every row has a value in, by what they are or are called.
const KEYS: &[&str] = &["id", "uuid", "ctid", "oid", "tableoid", "xmin"];

/// How deep an expression is looked into.
const DEPTH: usize = 64;

/// A value that an expression has whatever the row.
#[derive(Clone, Debug, PartialEq)]
enum Value {
    Bool(bool),
    Integer(i128),
    Text(String),
    Null,
}

/// Whether a condition is true for every row (for which it is not null), or
/// names nothing of a row, so that it takes all rows or none: `now() is not
/// null`.
pub fn always_true(expr: &Expr) -> bool {
    truth(expr, DEPTH).unwrap_or_else(|| !names_a_column(expr))
}

/// Whether a name stands in an expression that is not a function's.
fn names_a_column(expr: &Expr) -> bool {
    expr.syntax().descendants().filter_map(ast::NameRef::cast).any(|name| {
        let call = name.syntax().parent().and_then(ast::CallExpr::cast);
        call.and_then(|call| call.expr()).is_none_or(|called| called.syntax() != name.syntax())
    })
}

/// Whether a condition takes every row of `table` by naming what it has:
/// `id IN (SELECT id FROM users)`.
pub fn names_itself(expr: &Expr, table: &str) -> bool {
    if expr.syntax().text().len() > 400.into() {
        return false;
    }
    let words = words(expr);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let (column, inner) = match words.as_slice() {
        [column, "in", "(", "select", inner @ .., ")"]
        | [_, ".", column, "in", "(", "select", inner @ .., ")"]
        | [column, "=", "any" | "some", "(", "select", inner @ .., ")"] => (column, inner),
        _ => return false,
    };
    let inner = if let ["distinct", inner @ ..] = inner { inner } else { inner };
    let table = table.to_ascii_lowercase();
    let from = |rest: &[&str]| matches!(rest, ["from", parts @ ..] if parts.concat() == table);
    match inner {
        [own, rest @ ..] if own == column => from(rest),
        [_, ".", own, rest @ ..] if own == column => from(rest),
        _ => false,
    }
}

/// Whether an expression is a column that every row has a value in.
fn is_key(expr: &Expr) -> bool {
    let words = words(expr);
    let name = match words.as_slice() {
        [name] => name,
        [_, dot, name] if dot == "." => name,
        _ => return false,
    };
    KEYS.contains(&name.trim_matches('"'))
}

/// `x IS NULL` or `x IS NOT NULL`: the `x`, and whether it is the first.
fn null_test(expr: &Expr) -> Option<(Expr, bool)> {
    match expr {
        Expr::ParenExpr(inner) => null_test(&inner.expr()?),
        Expr::PostfixExpr(postfix) => match postfix.op()? {
            PostfixOp::IsNull(_) => Some((postfix.expr()?, true)),
            PostfixOp::NotNull(_) => Some((postfix.expr()?, false)),
            _ => None,
        },
        Expr::BinExpr(binary) => {
            let Expr::Literal(null) = binary.rhs()? else { return None };
            let LitKind::Null(_) = null.kind()? else { return None };
            match binary.op()? {
                BinOp::Is(_) => Some((binary.lhs()?, true)),
                BinOp::IsNot(_) => Some((binary.lhs()?, false)),
                _ => None,
            }
        }
        _ => None,
    }
}

/// Whether two conditions are `x IS NULL` and `x IS NOT NULL`, in any order.
fn complementary(left: &Expr, right: &Expr) -> bool {
    let tests = null_test(left).zip(null_test(right));
    tests.is_some_and(|((left, null), (right, other))| null != other && same(&left, &right))
}

fn truth(expr: &Expr, depth: usize) -> Option<bool> {
    match value(expr, depth)? {
        Value::Bool(truth) => Some(truth),
        Value::Text(text) => boolean(&text),
        Value::Integer(_) => None,
        Value::Null => Some(false),
    }
}

/// What PostgreSQL's input function of `boolean` accepts.
fn boolean(text: &str) -> Option<bool> {
    let text = text.trim().to_ascii_lowercase();
    let begins = |word: &str| !text.is_empty() && word.starts_with(text.as_str());
    if begins("true") || begins("yes") || text == "on" || text == "1" {
        return Some(true);
    }
    let off = text == "of" || text == "off";
    (begins("false") || begins("no") || off || text == "0").then_some(false)
}

fn value(expr: &Expr, depth: usize) -> Option<Value> {
    let depth = depth.checked_sub(1)?;
    match expr {
        Expr::Literal(literal) => literal_value(literal),
        Expr::ParenExpr(inner) => match inner.expr() {
            Some(expr) => value(&expr, depth),
            None => scalar(&SelectVariant::Select(inner.select()?), depth),
        },
        Expr::CastExpr(cast) => cast_value(cast, depth),
        Expr::PrefixExpr(prefix) => {
            let inner = prefix.expr()?;
            match prefix.op()? {
                PrefixOp::Not(_) => truth(&inner, depth).map(|truth| Value::Bool(!truth)),
                PrefixOp::Minus(_) => match value(&inner, depth)? {
                    Value::Integer(number) => number.checked_neg().map(Value::Integer),
                    _ => None,
                },
                PrefixOp::Plus(_) => value(&inner, depth),
                PrefixOp::CustomOp(_) | PrefixOp::OperatorCall(_) => None,
            }
        }
        Expr::PostfixExpr(_) if null_test(expr).is_some_and(|(of, _)| is_key(&of)) => {
            Some(Value::Bool(!null_test(expr)?.1))
        }
        Expr::PostfixExpr(postfix) => {
            let inner = value(&postfix.expr()?, depth)?;
            match postfix.op()? {
                PostfixOp::IsNull(_) => Some(Value::Bool(inner == Value::Null)),
                PostfixOp::NotNull(_) => Some(Value::Bool(inner != Value::Null)),
                _ => None,
            }
        }
        Expr::BinExpr(binary) => binary_value(binary, depth),
        Expr::BetweenExpr(between) => {
            let target = value(&between.target()?, depth)?;
            let within = not_above(&value(&between.start()?, depth)?, &target)?
                && not_above(&target, &value(&between.end()?, depth)?)?;
            Some(Value::Bool(within != between.not_token().is_some()))
        }
        Expr::CaseExpr(case) if case.expr().is_none() => {
            for arm in case.when_clause_list()?.when_clauses() {
                if truth(&arm.condition()?, depth)? {
                    return value(&arm.then()?, depth);
                }
            }
            None
        }
        Expr::CallExpr(call) => match call.exists_fn() {
            Some(exists) => {
                scalar(&exists.select_variant()?, depth)?;
                Some(Value::Bool(true))
            }
            None => coalesce(call, depth),
        },
        _ => None,
    }
}

/// The value of a SELECT of one expression from nowhere.
fn scalar(select: &SelectVariant, depth: usize) -> Option<Value> {
    let SelectVariant::Select(select) = select else { return None };
    let tail = select.tail_clauses().next().is_some() || select.with_clause().is_some();
    if tail || select.from_clause().is_some() || select.where_clause().is_some() {
        return None;
    }
    let list = select.select_clause()?.target_list()?;
    let mut exprs = list.syntax().descendants().filter_map(Expr::cast);
    value(&exprs.next()?, depth)
}

fn coalesce(call: &ast::CallExpr, depth: usize) -> Option<Value> {
    let name = call.expr()?.syntax().text().to_string();
    if !name.eq_ignore_ascii_case("coalesce") {
        return None;
    }
    for argument in call.arg_list()?.args() {
        match value(&argument.expr()?, depth)? {
            Value::Null => {}
            found => return Some(found),
        }
    }
    Some(Value::Null)
}

fn literal_value(literal: &ast::Literal) -> Option<Value> {
    match literal.kind()? {
        LitKind::True(_) => Some(Value::Bool(true)),
        LitKind::False(_) => Some(Value::Bool(false)),
        LitKind::Null(_) => Some(Value::Null),
        LitKind::IntNumber(token) => token.text().parse().ok().map(Value::Integer),
        LitKind::String(_)
        | LitKind::EscString(_)
        | LitKind::DollarQuotedString(_)
        | LitKind::UnicodeEscString(_)
        | LitKind::NationalString(_) => literal.string_value().map(Value::Text),
        LitKind::On(_) => Some(Value::Bool(true)),
        LitKind::BitString(_)
        | LitKind::ByteString(_)
        | LitKind::Default(_)
        | LitKind::NumericNumber(_)
        | LitKind::Off(_)
        | LitKind::PositionalParam(_) => None,
    }
}

fn cast_value(cast: &ast::CastExpr, depth: usize) -> Option<Value> {
    let kind = cast.ty()?.syntax().text().to_string().to_ascii_lowercase();
    let inner = match (cast.expr(), cast.literal()) {
        (Some(expr), _) => value(&expr, depth)?,
        (None, Some(literal)) => literal_value(&literal)?,
        (None, None) => return None,
    };
    let kind = kind.trim();
    match (kind.strip_prefix("pg_catalog.").unwrap_or(kind), inner) {
        ("bool" | "boolean", Value::Text(text)) => boolean(&text).map(Value::Bool),
        ("bool" | "boolean", Value::Integer(number)) => Some(Value::Bool(number != 0)),
        ("bool" | "boolean", Value::Bool(truth)) => Some(Value::Bool(truth)),
        ("int" | "integer" | "int4" | "int8" | "bigint", Value::Text(text)) => {
            text.trim().parse().ok().map(Value::Integer)
        }
        ("int" | "integer" | "int4" | "int8" | "bigint", Value::Integer(number)) => {
            Some(Value::Integer(number))
        }
        ("int" | "integer" | "int4", Value::Bool(truth)) => Some(Value::Integer(truth.into())),
        ("text" | "varchar", Value::Text(text)) => Some(Value::Text(text)),
        _ => None,
    }
}

fn binary_value(binary: &ast::BinExpr, depth: usize) -> Option<Value> {
    let (left, right) = (binary.lhs()?, binary.rhs()?);
    let op = binary.op()?;
    match op {
        BinOp::And(_) => {
            return match (truth(&left, depth), truth(&right, depth)) {
                (Some(true), Some(true)) => Some(Value::Bool(true)),
                (Some(false), _) | (_, Some(false)) => Some(Value::Bool(false)),
                _ => None,
            };
        }
        BinOp::Or(_) if complementary(&left, &right) => return Some(Value::Bool(true)),
        BinOp::Or(_) => {
            return match (truth(&left, depth), truth(&right, depth)) {
                (Some(true), _) | (_, Some(true)) => Some(Value::Bool(true)),
                (Some(false), Some(false)) => Some(Value::Bool(false)),
                _ => None,
            };
        }
        _ => {}
    }
    let alike = match op {
        BinOp::Eq(_) | BinOp::Lteq(_) | BinOp::Gteq(_) | BinOp::Is(_) => Some(true),
        BinOp::IsNotDistinctFrom(_) | BinOp::Like(_) | BinOp::Ilike(_) => Some(true),
        BinOp::Neq(_) | BinOp::Neqb(_) | BinOp::LAngle(_) | BinOp::RAngle(_) => Some(false),
        BinOp::IsNot(_) | BinOp::IsDistinctFrom(_) => Some(false),
        _ => None,
    };
    if let Some(truth) = alike.filter(|_| same(&left, &right)) {
        return Some(Value::Bool(truth));
    }
    if let Expr::Literal(_) | Expr::PrefixExpr(_) = right
        && is_key(&left)
    {
        return above_all(&op, &value(&right, depth)?).then_some(Value::Bool(true));
    }
    match op {
        // Every text that is not null is like '%'.
        BinOp::Like(_) | BinOp::Ilike(_) => {
            let Value::Text(pattern) = value(&right, depth)? else { return None };
            let any = !pattern.is_empty() && pattern.bytes().all(|byte| byte == b'%');
            any.then_some(Value::Bool(true))
        }
        BinOp::In(_) => {
            let target = value(&left, depth)?;
            let found = elements(&right).iter().any(|element| {
                value(element, depth).is_some_and(|element| equal(&element, &target) == Some(true))
            });
            found.then_some(Value::Bool(true))
        }
        BinOp::Is(_) | BinOp::IsNotDistinctFrom(_) => {
            let (left, right) = (value(&left, depth)?, value(&right, depth)?);
            Some(Value::Bool(left == right))
        }
        BinOp::IsNot(_) | BinOp::IsDistinctFrom(_) => {
            let (left, right) = (value(&left, depth)?, value(&right, depth)?);
            Some(Value::Bool(left != right))
        }
        _ => computed(&op, &value(&left, depth)?, &value(&right, depth)?),
    }
}

/// Whether every key is so: `id > 0`, `id <> -1`, `id IS NOT NULL`.
fn above_all(op: &BinOp, right: &Value) -> bool {
    match (op, right) {
        (BinOp::RAngle(_) | BinOp::Neq(_) | BinOp::Neqb(_), Value::Integer(number)) => *number <= 0,
        (BinOp::Gteq(_), Value::Integer(number)) => *number <= 1,
        (BinOp::IsNot(_), Value::Null) => true,
        _ => false,
    }
}

/// The elements of `(1, 2)`, or of `(1)`.
fn elements(list: &Expr) -> Vec<Expr> {
    match list {
        Expr::TupleExpr(tuple) => tuple.exprs().collect(),
        Expr::ParenExpr(inner) => inner.expr().into_iter().collect(),
        _ => Vec::new(),
    }
}

fn computed(op: &BinOp, left: &Value, right: &Value) -> Option<Value> {
    if *left == Value::Null || *right == Value::Null {
        return Some(Value::Null);
    }
    let truth = match op {
        BinOp::Eq(_) => equal(left, right)?,
        BinOp::Neq(_) | BinOp::Neqb(_) => !equal(left, right)?,
        BinOp::Lteq(_) => not_above(left, right)?,
        BinOp::Gteq(_) => not_above(right, left)?,
        BinOp::LAngle(_) => !not_above(right, left)?,
        BinOp::RAngle(_) => !not_above(left, right)?,
        _ => {
            let (Value::Integer(left), Value::Integer(right)) = (left, right) else { return None };
            let number = match op {
                BinOp::Plus(_) => left.checked_add(*right),
                BinOp::Minus(_) => left.checked_sub(*right),
                BinOp::Star(_) => left.checked_mul(*right),
                BinOp::Slash(_) => left.checked_div(*right),
                BinOp::Percent(_) => left.checked_rem(*right),
                _ => None,
            };
            return number.map(Value::Integer);
        }
    };
    Some(Value::Bool(truth))
}

/// A literal in quotes takes the type of what it is compared with.
fn equal(left: &Value, right: &Value) -> Option<bool> {
    match (left, right) {
        (Value::Text(text), Value::Bool(truth)) | (Value::Bool(truth), Value::Text(text)) => {
            Some(boolean(text)? == *truth)
        }
        (Value::Text(text), Value::Integer(number))
        | (Value::Integer(number), Value::Text(text)) => {
            Some(text.trim().parse::<i128>().ok()? == *number)
        }
        (Value::Null, _) | (_, Value::Null) => None,
        _ => Some(left == right),
    }
}

/// Whether `left` is at most `right`. Texts are left to their collation.
fn not_above(left: &Value, right: &Value) -> Option<bool> {
    match (left, right) {
        (Value::Integer(left), Value::Integer(right)) => Some(left <= right),
        (Value::Bool(left), Value::Bool(right)) => Some(left <= right),
        _ => None,
    }
}

/// Whether two expressions are written alike, blanks and case aside: `id = id`.
/// A name alone that a longer one ends with is the same column: were it
/// another table's, it would be ambiguous.
fn same(left: &Expr, right: &Expr) -> bool {
    if left.syntax().text().len() >= 400.into() || right.syntax().text().len() >= 400.into() {
        return false;
    }
    let (left, right) = (words(left), words(right));
    let ends = |long: &[String], short: &[String]| match (long, short) {
        ([_, dot, long], [short]) => dot == "." && long == short,
        _ => false,
    };
    left == right || ends(&left, &right) || ends(&right, &left)
}

/// An expression's words, in small letters.
fn words(expr: &Expr) -> Vec<String> {
    expr.syntax()
        .descendants_with_tokens()
        .filter_map(|element| element.into_token())
        .filter(|token| !token.text().trim().is_empty())
        .filter(|token| !["--", "/*"].iter().any(|start| token.text().starts_with(start)))
        .map(|token| token.text().to_ascii_lowercase())
        .collect()
}
