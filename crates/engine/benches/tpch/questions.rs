//! The questions of TPC-H as a `Query`, each with the SQL that a person would write, its columns in the
//! order of the answer; and those that one `Query` cannot ask.

use serde_json::{Value, json};

/// What one question cannot say, and why.
pub const OUT_OF_REACH: [(&str, &str); 6] = [
    ("Q9", "profit is an expression over columns of two datasets; calculated columns are of one"),
    ("Q13", "how many customers have how many orders: groups of groups"),
    ("Q17", "each line is compared with the average of its part: a correlated subquery"),
    ("Q20", "stock is compared with half of what was shipped of it: a correlated subquery"),
    ("Q21", "another supplier of the same order, and no other late one: two tests of existence"),
    ("Q22", "balances above the average of all balances: a subquery for one value"),
];

fn join(dataset: &str, on: &Value) -> Value {
    json!({"dataset": dataset, "on": on, "kind": "inner"})
}

fn nation(name: &str, here: &str) -> Value {
    json!({"dataset": "nation", "on": [[here, "n_nationkey"]], "kind": "inner", "as": name})
}

pub fn questions() -> Vec<(&'static str, Value, &'static str)> {
    let orders = join("orders", &json!([["l_orderkey", "o_orderkey"]]));
    let customer = join("customer", &json!([["o_custkey", "c_custkey"]]));
    let supplier = join("supplier", &json!([["l_suppkey", "s_suppkey"]]));
    let part = join("part", &json!([["l_partkey", "p_partkey"]]));
    let revenue = json!({"agg": "sum", "column": "disc_price", "as": "revenue"});
    let of = |agg: &str, column: &str| json!({"agg": agg, "column": column});
    let is = |column: &str, op: &str, value: Value| json!({"column": column, "op": op, "value": value});
    vec![
        ("Q1", json!({"dataset": "lineitem", "dimensions": [{"column": "l_returnflag"}, {"column": "l_linestatus"}],
            "measures": [of("sum", "l_quantity"), of("sum", "l_extendedprice"), revenue, of("sum", "charge"),
                of("avg", "l_quantity"), of("avg", "l_extendedprice"), of("avg", "l_discount"), {"agg": "count"}],
            "filter": is("l_shipdate", "lte", json!("1998-09-02"))}),
         "SELECT l_returnflag, l_linestatus, sum(l_quantity), sum(l_extendedprice), sum(l_extendedprice * (1 - l_discount)),
              sum(l_extendedprice * (1 - l_discount) * (1 + l_tax)), avg(l_quantity), avg(l_extendedprice), avg(l_discount), count(*)
          FROM lineitem WHERE l_shipdate <= DATE '1998-09-02' GROUP BY 1, 2 ORDER BY 1, 2"),
        ("Q2", json!({"dataset": "partsupp", "joins": [join("supplier", &json!([["ps_suppkey", "s_suppkey"]])),
                join("nation", &json!([["s_nationkey", "n_nationkey"]])), join("region", &json!([["n_regionkey", "r_regionkey"]])),
                join("part", &json!([["ps_partkey", "p_partkey"]]))],
            "dimensions": [{"column": "p_partkey"}],
            "measures": [{"agg": "first", "column": "s_name", "by": "ps_supplycost"}, of("min", "ps_supplycost")],
            "filter": {"and": [is("p_size", "eq", json!(15)), is("p_type", "ends_with", json!("BRASS")), is("r_name", "eq", json!("EUROPE"))]}}),
         "SELECT p_partkey, s_name, ps_supplycost FROM part, supplier, partsupp, nation, region
          WHERE p_partkey = ps_partkey AND s_suppkey = ps_suppkey AND p_size = 15 AND p_type LIKE '%BRASS'
              AND s_nationkey = n_nationkey AND n_regionkey = r_regionkey AND r_name = 'EUROPE'
              AND ps_supplycost = (SELECT min(ps_supplycost) FROM partsupp, supplier, nation, region
                  WHERE p_partkey = ps_partkey AND s_suppkey = ps_suppkey AND s_nationkey = n_nationkey
                      AND n_regionkey = r_regionkey AND r_name = 'EUROPE') ORDER BY 1 LIMIT 1000"),
        ("Q3", json!({"dataset": "lineitem", "joins": [orders, customer],
            "dimensions": [{"column": "l_orderkey"}, {"column": "o_orderdate"}, {"column": "o_shippriority"}], "measures": [revenue],
            "filter": {"and": [is("c_mktsegment", "eq", json!("BUILDING")), is("o_orderdate", "lt", json!("1995-03-15")),
                is("l_shipdate", "gt", json!("1995-03-15"))]},
            "order": [{"by": "revenue", "dir": "desc"}, {"by": "o_orderdate"}], "limit": 10}),
         "SELECT l_orderkey, o_orderdate, o_shippriority, sum(l_extendedprice * (1 - l_discount)) AS revenue
          FROM customer, orders, lineitem WHERE c_mktsegment = 'BUILDING' AND c_custkey = o_custkey AND l_orderkey = o_orderkey
              AND o_orderdate < DATE '1995-03-15' AND l_shipdate > DATE '1995-03-15'
          GROUP BY 1, 2, 3 ORDER BY revenue DESC, o_orderdate LIMIT 10"),
        ("Q4", json!({"dataset": "orders", "joins": [join("lineitem", &json!([["o_orderkey", "l_orderkey"]]))],
            "dimensions": [{"column": "o_orderpriority"}], "measures": [{"agg": "count"}],
            "filter": {"and": [is("o_orderdate", "between", json!(["1993-07-01", "1993-09-30"])), is("is_late", "is_true", Value::Null)]}}),
         "SELECT o_orderpriority, count(*) FROM orders WHERE o_orderdate >= DATE '1993-07-01' AND o_orderdate < DATE '1993-10-01'
              AND EXISTS (SELECT * FROM lineitem WHERE l_orderkey = o_orderkey AND l_commitdate < l_receiptdate) GROUP BY 1 ORDER BY 1"),
        ("Q5", json!({"dataset": "lineitem", "joins": [orders, customer,
                join("supplier", &json!([["l_suppkey", "s_suppkey"], ["c_nationkey", "s_nationkey"]])),
                join("nation", &json!([["s_nationkey", "n_nationkey"]])), join("region", &json!([["n_regionkey", "r_regionkey"]]))],
            "dimensions": [{"column": "n_name"}], "measures": [revenue],
            "filter": {"and": [is("r_name", "eq", json!("ASIA")), is("o_orderdate", "between", json!(["1994-01-01", "1994-12-31"]))]}}),
         "SELECT n_name, sum(l_extendedprice * (1 - l_discount)) AS revenue FROM customer, orders, lineitem, supplier, nation, region
          WHERE c_custkey = o_custkey AND l_orderkey = o_orderkey AND l_suppkey = s_suppkey AND c_nationkey = s_nationkey
              AND s_nationkey = n_nationkey AND n_regionkey = r_regionkey AND r_name = 'ASIA'
              AND o_orderdate >= DATE '1994-01-01' AND o_orderdate < DATE '1995-01-01' GROUP BY 1 ORDER BY 2 DESC"),
        ("Q6", json!({"dataset": "lineitem", "measures": [of("sum", "saved")], "filter": {"and": [
                is("l_shipdate", "between", json!(["1994-01-01", "1994-12-31"])), is("l_discount", "between", json!([0.05, 0.07])),
                is("l_quantity", "lt", json!(24))]}}),
         "SELECT sum(l_extendedprice * l_discount) FROM lineitem WHERE l_shipdate >= DATE '1994-01-01'
              AND l_shipdate < DATE '1995-01-01' AND l_discount BETWEEN 0.05 AND 0.07 AND l_quantity < 24"),
        ("Q7", json!({"dataset": "lineitem", "joins": [supplier, orders, customer, nation("n1", "s_nationkey"), nation("n2", "c_nationkey")],
            "dimensions": [{"column": "n1.n_name"}, {"column": "n2.n_name"}, {"column": "l_shipdate", "grain": "year"}], "measures": [revenue],
            "filter": {"and": [is("l_shipdate", "between", json!(["1995-01-01", "1996-12-31"])), {"or": [
                {"and": [is("n1.n_name", "eq", json!("FRANCE")), is("n2.n_name", "eq", json!("GERMANY"))]},
                {"and": [is("n1.n_name", "eq", json!("GERMANY")), is("n2.n_name", "eq", json!("FRANCE"))]}]}]}}),
         "SELECT n1.n_name, n2.n_name, date_trunc('year', l_shipdate)::DATE, sum(l_extendedprice * (1 - l_discount))
          FROM supplier, lineitem, orders, customer, nation n1, nation n2 WHERE s_suppkey = l_suppkey AND o_orderkey = l_orderkey
              AND c_custkey = o_custkey AND s_nationkey = n1.n_nationkey AND c_nationkey = n2.n_nationkey
              AND ((n1.n_name = 'FRANCE' AND n2.n_name = 'GERMANY') OR (n1.n_name = 'GERMANY' AND n2.n_name = 'FRANCE'))
              AND l_shipdate BETWEEN DATE '1995-01-01' AND DATE '1996-12-31' GROUP BY ALL ORDER BY ALL"),
        ("Q8", json!({"dataset": "lineitem", "joins": [part, supplier, orders, customer, nation("n1", "c_nationkey"),
                join("region", &json!([["n1.n_regionkey", "r_regionkey"]])), nation("n2", "s_nationkey")],
            "dimensions": [{"column": "o_orderdate", "grain": "year"}, {"column": "n2.n_name"}],
            "measures": [{"agg": "sum", "column": "disc_price", "calc": {"kind": "share", "within": ["o_orderdate"]}}],
            "filter": {"and": [is("r_name", "eq", json!("AMERICA")), is("o_orderdate", "between", json!(["1995-01-01", "1996-12-31"])),
                is("p_type", "eq", json!("ECONOMY ANODIZED STEEL"))]}, "having": is("n2.n_name", "eq", json!("BRAZIL"))}),
         "SELECT date_trunc('year', o_orderdate)::DATE, 'BRAZIL',
              sum(CASE WHEN n2.n_name = 'BRAZIL' THEN l_extendedprice * (1 - l_discount) ELSE 0 END) / sum(l_extendedprice * (1 - l_discount))
          FROM part, supplier, lineitem, orders, customer, nation n1, nation n2, region WHERE p_partkey = l_partkey
              AND s_suppkey = l_suppkey AND l_orderkey = o_orderkey AND o_custkey = c_custkey AND c_nationkey = n1.n_nationkey
              AND n1.n_regionkey = r_regionkey AND r_name = 'AMERICA' AND s_nationkey = n2.n_nationkey
              AND o_orderdate BETWEEN DATE '1995-01-01' AND DATE '1996-12-31' AND p_type = 'ECONOMY ANODIZED STEEL' GROUP BY 1 ORDER BY 1"),
        ("Q10", json!({"dataset": "lineitem", "joins": [orders, customer, join("nation", &json!([["c_nationkey", "n_nationkey"]]))],
            "dimensions": [{"column": "c_custkey"}, {"column": "c_name"}, {"column": "c_acctbal"}, {"column": "n_name"}], "measures": [revenue],
            "filter": {"and": [is("o_orderdate", "between", json!(["1993-10-01", "1993-12-31"])), is("l_returnflag", "eq", json!("R"))]},
            "order": [{"by": "revenue", "dir": "desc"}], "limit": 20}),
         "SELECT c_custkey, c_name, c_acctbal, n_name, sum(l_extendedprice * (1 - l_discount)) AS revenue
          FROM customer, orders, lineitem, nation WHERE c_custkey = o_custkey AND l_orderkey = o_orderkey
              AND o_orderdate >= DATE '1993-10-01' AND o_orderdate < DATE '1994-01-01' AND l_returnflag = 'R'
              AND c_nationkey = n_nationkey GROUP BY 1, 2, 3, 4 ORDER BY revenue DESC LIMIT 20"),
        ("Q11", json!({"dataset": "partsupp", "joins": [join("supplier", &json!([["ps_suppkey", "s_suppkey"]])),
                join("nation", &json!([["s_nationkey", "n_nationkey"]]))],
            "dimensions": [{"column": "ps_partkey"}],
            "measures": [of("sum", "stock_value"), {"agg": "sum", "column": "stock_value", "as": "share", "calc": {"kind": "share"}}],
            "filter": is("n_name", "eq", json!("GERMANY")), "having": is("share", "gt", json!(0.0005)), "limit": 20_000}),
         "SELECT ps_partkey, sum(ps_supplycost * ps_availqty) AS value, sum(ps_supplycost * ps_availqty)::DOUBLE /
              (SELECT sum(ps_supplycost * ps_availqty) FROM partsupp, supplier, nation
               WHERE ps_suppkey = s_suppkey AND s_nationkey = n_nationkey AND n_name = 'GERMANY') AS share
          FROM partsupp, supplier, nation WHERE ps_suppkey = s_suppkey AND s_nationkey = n_nationkey AND n_name = 'GERMANY'
          GROUP BY 1 HAVING share > 0.0005 ORDER BY 2 DESC"),
        ("Q12", json!({"dataset": "lineitem", "joins": [orders], "dimensions": [{"column": "l_shipmode"}], "measures": [
                {"agg": "count_if", "filter": is("o_orderpriority", "in", json!(["1-URGENT", "2-HIGH"])), "as": "high"},
                {"agg": "count_if", "filter": is("o_orderpriority", "not_in", json!(["1-URGENT", "2-HIGH"])), "as": "low"}],
            "filter": {"and": [is("l_shipmode", "in", json!(["MAIL", "SHIP"])), is("is_late", "is_true", Value::Null),
                is("is_shipped_in_time", "is_true", Value::Null), is("l_receiptdate", "between", json!(["1994-01-01", "1994-12-31"]))]}}),
         "SELECT l_shipmode, sum(CASE WHEN o_orderpriority IN ('1-URGENT', '2-HIGH') THEN 1 ELSE 0 END),
              sum(CASE WHEN o_orderpriority NOT IN ('1-URGENT', '2-HIGH') THEN 1 ELSE 0 END) FROM orders, lineitem
          WHERE o_orderkey = l_orderkey AND l_shipmode IN ('MAIL', 'SHIP') AND l_commitdate < l_receiptdate
              AND l_shipdate < l_commitdate AND l_receiptdate >= DATE '1994-01-01' AND l_receiptdate < DATE '1995-01-01'
          GROUP BY 1 ORDER BY 1"),
        ("Q14", json!({"dataset": "lineitem", "joins": [part], "dimensions": [{"column": "is_promo"}],
            "measures": [{"agg": "sum", "column": "disc_price", "calc": {"kind": "share"}}],
            "filter": is("l_shipdate", "between", json!(["1995-09-01", "1995-09-30"])), "having": is("is_promo", "is_true", Value::Null)}),
         "SELECT true, sum(CASE WHEN p_type LIKE 'PROMO%' THEN l_extendedprice * (1 - l_discount) ELSE 0 END) /
              sum(l_extendedprice * (1 - l_discount)) FROM lineitem, part WHERE l_partkey = p_partkey
              AND l_shipdate >= DATE '1995-09-01' AND l_shipdate < DATE '1995-10-01'"),
        ("Q15", json!({"dataset": "lineitem", "joins": [supplier], "dimensions": [{"column": "s_suppkey"}, {"column": "s_name"}],
            "measures": [revenue, {"agg": "sum", "column": "disc_price", "as": "place", "calc": {"kind": "rank", "within": []}}],
            "filter": is("l_shipdate", "between", json!(["1996-01-01", "1996-03-31"])), "having": is("place", "eq", json!(1))}),
         "WITH revenue AS (SELECT l_suppkey AS s, sum(l_extendedprice * (1 - l_discount)) AS total FROM lineitem
              WHERE l_shipdate >= DATE '1996-01-01' AND l_shipdate < DATE '1996-04-01' GROUP BY 1)
          SELECT s_suppkey, s_name, total, 1 FROM supplier, revenue WHERE s_suppkey = s
              AND total = (SELECT max(total) FROM revenue) ORDER BY 1"),
        ("Q16", json!({"dataset": "partsupp", "joins": [join("part", &json!([["ps_partkey", "p_partkey"]])),
                join("supplier", &json!([["ps_suppkey", "s_suppkey"]]))],
            "dimensions": [{"column": "p_brand"}, {"column": "p_type"}, {"column": "p_size"}], "measures": [of("count_distinct", "ps_suppkey")],
            "filter": {"and": [is("p_brand", "ne", json!("Brand#45")), is("is_medium_polished", "is_false", Value::Null),
                is("p_size", "in", json!([49, 14, 23, 45, 19, 3, 36, 9])), is("has_complaints", "is_false", Value::Null)]}, "limit": 20_000}),
         "SELECT p_brand, p_type, p_size, count(DISTINCT ps_suppkey) AS n FROM partsupp, part WHERE p_partkey = ps_partkey
              AND p_brand <> 'Brand#45' AND p_type NOT LIKE 'MEDIUM POLISHED%' AND p_size IN (49, 14, 23, 45, 19, 3, 36, 9)
              AND ps_suppkey NOT IN (SELECT s_suppkey FROM supplier WHERE s_comment LIKE '%Customer%Complaints%')
          GROUP BY 1, 2, 3 ORDER BY n DESC, 1, 2, 3 LIMIT 20000"),
        ("Q18", json!({"dataset": "lineitem", "joins": [orders, customer], "dimensions": [{"column": "c_name"}, {"column": "c_custkey"},
                {"column": "o_orderkey"}, {"column": "o_orderdate"}, {"column": "o_totalprice"}],
            "measures": [of("sum", "l_quantity")], "having": is("sum_l_quantity", "gt", json!(300)),
            "order": [{"by": "o_totalprice", "dir": "desc"}, {"by": "o_orderdate"}, {"by": "o_orderkey"}], "limit": 100}),
         "SELECT c_name, c_custkey, o_orderkey, o_orderdate, o_totalprice, sum(l_quantity) FROM customer, orders, lineitem
          WHERE o_orderkey IN (SELECT l_orderkey FROM lineitem GROUP BY l_orderkey HAVING sum(l_quantity) > 300)
              AND c_custkey = o_custkey AND o_orderkey = l_orderkey GROUP BY 1, 2, 3, 4, 5
          ORDER BY o_totalprice DESC, o_orderdate, o_orderkey LIMIT 100"),
        ("Q19", json!({"dataset": "lineitem", "joins": [part], "measures": [revenue], "filter": {"and": [
                is("l_shipmode", "in", json!(["AIR", "REG AIR"])), is("l_shipinstruct", "eq", json!("DELIVER IN PERSON")), {"or": [
                {"and": [is("p_brand", "eq", json!("Brand#12")), is("p_container", "in", json!(["SM CASE", "SM BOX", "SM PACK", "SM PKG"])),
                    is("l_quantity", "between", json!([1, 11])), is("p_size", "between", json!([1, 5]))]},
                {"and": [is("p_brand", "eq", json!("Brand#23")), is("p_container", "in", json!(["MED BAG", "MED BOX", "MED PKG", "MED PACK"])),
                    is("l_quantity", "between", json!([10, 20])), is("p_size", "between", json!([1, 10]))]},
                {"and": [is("p_brand", "eq", json!("Brand#34")), is("p_container", "in", json!(["LG CASE", "LG BOX", "LG PACK", "LG PKG"])),
                    is("l_quantity", "between", json!([20, 30])), is("p_size", "between", json!([1, 15]))]}]}]}}),
         "SELECT sum(l_extendedprice * (1 - l_discount)) FROM lineitem, part WHERE p_partkey = l_partkey
              AND l_shipmode IN ('AIR', 'REG AIR') AND l_shipinstruct = 'DELIVER IN PERSON' AND (
              (p_brand = 'Brand#12' AND p_container IN ('SM CASE', 'SM BOX', 'SM PACK', 'SM PKG') AND l_quantity BETWEEN 1 AND 11 AND p_size BETWEEN 1 AND 5)
              OR (p_brand = 'Brand#23' AND p_container IN ('MED BAG', 'MED BOX', 'MED PKG', 'MED PACK') AND l_quantity BETWEEN 10 AND 20 AND p_size BETWEEN 1 AND 10)
              OR (p_brand = 'Brand#34' AND p_container IN ('LG CASE', 'LG BOX', 'LG PACK', 'LG PKG') AND l_quantity BETWEEN 20 AND 30 AND p_size BETWEEN 1 AND 15))"),
    ]
}
