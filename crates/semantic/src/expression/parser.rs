//! Tokens to a tree. Operators bind, from the loosest: `or`, `and`, `not`, comparisons, `+ -`, `* / %`,
//! the minus sign.

use super::Fault;
use super::lexer::{Token, tokens};
use std::ops::Range;

/// How deep expressions may lie in one another.
const MAX_DEPTH: usize = 40;
/// How high a tree may be, chains of operators counted too.
const MAX_HEIGHT: usize = 120;

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Expr {
    pub(super) node: Node,
    pub(super) at: Range<usize>,
    height: usize,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Node {
    Number(String),
    Text(String),
    Bool(bool),
    Null,
    Column(String),
    Not(Box<Expr>),
    Minus(Box<Expr>),
    Binary(&'static str, Box<Expr>, Box<Expr>),
    IsNull(Box<Expr>, bool),
    In(Box<Expr>, Vec<Expr>, bool),
    Call(String, Vec<Expr>),
    Case(Vec<(Expr, Expr)>, Option<Box<Expr>>),
}

impl Expr {
    fn children(&self) -> Vec<&Expr> {
        match &self.node {
            Node::Number(_) | Node::Text(_) | Node::Bool(_) | Node::Null | Node::Column(_) => Vec::new(),
            Node::Not(a) | Node::Minus(a) | Node::IsNull(a, _) => vec![a],
            Node::Binary(_, a, b) => vec![a, b],
            Node::In(a, list, _) => std::iter::once(&**a).chain(list).collect(),
            Node::Call(_, args) => args.iter().collect(),
            Node::Case(whens, other) => {
                let whens = whens.iter().flat_map(|(test, value)| [test, value]);
                whens.chain(other.as_deref()).collect()
            }
        }
    }

    /// The columns that it names, each once.
    pub(super) fn columns(&self) -> Vec<String> {
        let (mut found, mut open) = (Vec::new(), vec![self]);
        while let Some(expr) = open.pop() {
            if let Node::Column(name) = &expr.node
                && !found.contains(name)
            {
                found.push(name.clone());
            }
            open.extend(expr.children().into_iter().rev());
        }
        found
    }
}

const KEYWORDS: [&str; 13] =
    ["and", "or", "not", "is", "in", "null", "true", "false", "case", "when", "then", "else", "end"];

/// The tree of an expression.
pub(super) fn parse(text: &str) -> Result<Expr, Fault> {
    let tokens = tokens(text)?;
    let mut parser = Parser { tokens, next: 0, end: text.len(), depth: 0 };
    if parser.tokens.is_empty() {
        return Err(Fault::new(&(0..0), "The expression is empty.").hint("Write one such as distance / air_time."));
    }
    let tree = parser.expression()?;
    match parser.tokens.get(parser.next) {
        None => Ok(tree),
        Some((_, at)) => Err(Fault::new(at, "The expression goes on where it should end.")
            .hint("Is an operator missing, or a parenthesis too many?")),
    }
}

struct Parser {
    tokens: Vec<(Token, Range<usize>)>,
    next: usize,
    end: usize,
    depth: usize,
}

type Parsed = Result<Expr, Fault>;

impl Parser {
    fn here(&self) -> Range<usize> {
        self.tokens.get(self.next).map_or(self.end..self.end, |(_, at)| at.clone())
    }

    fn symbol(&mut self, wanted: &[&'static str]) -> Option<&'static str> {
        match self.tokens.get(self.next) {
            Some((Token::Symbol(found), _)) => {
                let found = *wanted.iter().find(|w| *w == found)?;
                self.next += 1;
                Some(found)
            }
            _ => None,
        }
    }

    fn is_word(&self, ahead: usize, wanted: &str) -> bool {
        matches!(self.tokens.get(self.next + ahead), Some((Token::Word(w), _)) if w.eq_ignore_ascii_case(wanted))
    }

    fn word(&mut self, wanted: &str) -> bool {
        let found = self.is_word(0, wanted);
        self.next += usize::from(found);
        found
    }

    fn expect(&mut self, symbol: &'static str, why: &str) -> Result<(), Fault> {
        match self.symbol(&[symbol]) {
            Some(_) => Ok(()),
            None => Err(Fault::new(&self.here(), format!("A `{symbol}` is missing {why}."))),
        }
    }

    fn expect_word(&mut self, word: &str) -> Result<(), Fault> {
        if self.word(word) { Ok(()) } else { Err(Fault::new(&self.here(), format!("`{word}` is missing in `case`."))) }
    }

    /// A tree from its parts; `from` is where it begins.
    fn tree(&self, node: Node, from: usize) -> Parsed {
        let end = self.next.checked_sub(1).and_then(|i| self.tokens.get(i)).map_or(self.end, |(_, at)| at.end);
        let mut expr = Expr { node, at: from..end, height: 1 };
        expr.height = 1 + expr.children().iter().map(|c| c.height).max().unwrap_or(0);
        if expr.height > MAX_HEIGHT {
            return Err(too_deep(&expr.at));
        }
        Ok(expr)
    }

    fn expression(&mut self) -> Parsed {
        if self.depth >= MAX_DEPTH {
            return Err(too_deep(&self.here()));
        }
        self.depth += 1;
        let found = self.any();
        self.depth -= 1;
        found
    }

    fn any(&mut self) -> Parsed {
        let mut left = self.all()?;
        while self.word("or") {
            let (from, right) = (left.at.start, self.all()?);
            left = self.tree(Node::Binary("or", Box::new(left), Box::new(right)), from)?;
        }
        Ok(left)
    }

    fn all(&mut self) -> Parsed {
        let mut left = self.negation()?;
        while self.word("and") {
            let (from, right) = (left.at.start, self.negation()?);
            left = self.tree(Node::Binary("and", Box::new(left), Box::new(right)), from)?;
        }
        Ok(left)
    }

    fn negation(&mut self) -> Parsed {
        let from = self.here().start;
        let mut count = 0;
        while self.word("not") {
            count += 1;
            if count > MAX_DEPTH {
                return Err(too_deep(&self.here()));
            }
        }
        let mut inner = self.comparison()?;
        for _ in 0..count {
            inner = self.tree(Node::Not(Box::new(inner)), from)?;
        }
        Ok(inner)
    }

    fn comparison(&mut self) -> Parsed {
        let left = self.sum()?;
        let from = left.at.start;
        if let Some(op) = self.symbol(&["<=", ">=", "<>", "!=", "==", "=", "<", ">"]) {
            let right = self.sum()?;
            if self.symbol(&["<=", ">=", "<>", "!=", "==", "=", "<", ">"]).is_some() {
                return Err(Fault::new(&right.at, "Two comparisons in a row.").hint("Join them with `and`."));
            }
            return self.tree(Node::Binary(op, Box::new(left), Box::new(right)), from);
        }
        if self.word("is") {
            let negated = self.word("not");
            if !self.word("null") {
                return Err(Fault::new(&self.here(), "After `is` comes `null` or `not null`."));
            }
            return self.tree(Node::IsNull(Box::new(left), negated), from);
        }
        let negated = self.is_word(0, "not") && self.is_word(1, "in");
        self.next += usize::from(negated);
        if self.word("in") {
            self.expect("(", "after `in`")?;
            let list = self.list()?;
            if list.is_empty() {
                return Err(Fault::new(&self.here(), "The list after `in` is empty."));
            }
            return self.tree(Node::In(Box::new(left), list, negated), from);
        }
        Ok(left)
    }

    fn sum(&mut self) -> Parsed {
        let mut left = self.product()?;
        while let Some(op) = self.symbol(&["+", "-"]) {
            let (from, right) = (left.at.start, self.product()?);
            left = self.tree(Node::Binary(op, Box::new(left), Box::new(right)), from)?;
        }
        Ok(left)
    }

    fn product(&mut self) -> Parsed {
        let mut left = self.signed()?;
        while let Some(op) = self.symbol(&["*", "/", "%"]) {
            let (from, right) = (left.at.start, self.signed()?);
            left = self.tree(Node::Binary(op, Box::new(left), Box::new(right)), from)?;
        }
        Ok(left)
    }

    fn signed(&mut self) -> Parsed {
        let from = self.here().start;
        let mut count = 0;
        while self.symbol(&["-"]).is_some() {
            count += 1;
            if count > MAX_DEPTH {
                return Err(too_deep(&self.here()));
            }
        }
        let mut inner = self.value()?;
        for _ in 0..count {
            inner = self.tree(Node::Minus(Box::new(inner)), from)?;
        }
        Ok(inner)
    }

    fn value(&mut self) -> Parsed {
        let Some((token, at)) = self.tokens.get(self.next).cloned() else {
            return Err(Fault::new(&self.here(), "The expression ends where a value should stand."));
        };
        self.next += 1;
        let node = match token {
            Token::Number(digits) => Node::Number(digits),
            Token::Text(text) => Node::Text(text),
            Token::Name(name) => Node::Column(name),
            Token::Symbol("(") => {
                let inner = self.expression()?;
                self.expect(")", "to close the parenthesis")?;
                return Ok(inner);
            }
            Token::Symbol(symbol) => {
                return Err(Fault::new(&at, format!("`{symbol}` stands where a value should.")));
            }
            Token::Word(word) => match word.to_ascii_lowercase().as_str() {
                "true" => Node::Bool(true),
                "false" => Node::Bool(false),
                "null" => Node::Null,
                "case" => self.case()?,
                lower if KEYWORDS.contains(&lower) => {
                    return Err(Fault::new(&at, format!("`{word}` stands where a value should."))
                        .hint("A column of that name is written in double quotes."));
                }
                _ if self.symbol(&["("]).is_some() => {
                    let args = self.list()?;
                    Node::Call(word, args)
                }
                _ => Node::Column(word),
            },
        };
        self.tree(node, at.start)
    }

    /// The rest of `(a, b)`.
    fn list(&mut self) -> Result<Vec<Expr>, Fault> {
        let mut list = Vec::new();
        if self.symbol(&[")"]).is_some() {
            return Ok(list);
        }
        loop {
            list.push(self.expression()?);
            match self.symbol(&[",", ")"]) {
                Some(")") => return Ok(list),
                Some(_) => {}
                None => return Err(Fault::new(&self.here(), "A `,` or `)` is missing.")),
            }
        }
    }

    /// The rest of `case when ... end`.
    fn case(&mut self) -> Result<Node, Fault> {
        let mut whens = Vec::new();
        while self.word("when") {
            let test = self.expression()?;
            self.expect_word("then")?;
            whens.push((test, self.expression()?));
        }
        if whens.is_empty() {
            return Err(Fault::new(&self.here(), "`when` is missing in `case`."));
        }
        let other = if self.word("else") { Some(Box::new(self.expression()?)) } else { None };
        self.expect_word("end")?;
        Ok(Node::Case(whens, other))
    }
}

fn too_deep(at: &Range<usize>) -> Fault {
    Fault::new(at, "The expression is nested too deep.").hint("Split it into several calculated columns.")
}
