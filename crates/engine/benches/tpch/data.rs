//! Tables of the shape of TPC-H, made by SQL: its columns, its keys, its proportions, and values that
//! its questions find. Not the official data: no text generator, no official seeds.

/// The statements that make each table's columns; `{sf}` stands for the scale.
pub const TABLES: [(&str, &str); 8] = [
    ("region", "SELECT range AS r_regionkey, ['AFRICA', 'AMERICA', 'ASIA', 'EUROPE', 'MIDDLE EAST'][range + 1] AS r_name FROM range(5)"),
    (
        "nation",
        "SELECT range AS n_nationkey, range % 5 AS n_regionkey, ['ALGERIA', 'ARGENTINA', 'CHINA', 'FRANCE', 'EGYPT',
            'ETHIOPIA', 'BRAZIL', 'INDIA', 'GERMANY', 'IRAN', 'KENYA', 'CANADA', 'INDONESIA', 'ROMANIA', 'IRAQ', 'MOROCCO',
            'PERU', 'JAPAN', 'RUSSIA', 'JORDAN', 'MOZAMBIQUE', 'UNITED STATES', 'VIETNAM', 'UNITED KINGDOM',
            'SAUDI ARABIA'][range + 1] AS n_name FROM range(25)",
    ),
    (
        "supplier",
        "SELECT range AS s_suppkey, 'Supplier#' || range AS s_name, (hash(range, 1) % 25)::BIGINT AS s_nationkey,
            ((hash(range, 2) % 1100000)::BIGINT - 100000)::DECIMAL(15, 2) / 100 AS s_acctbal,
            CASE WHEN hash(range, 3) % 200 = 0 THEN 'late Customer and Complaints' ELSE 'quick deposits' END AS s_comment
         FROM range(({sf} * 10000)::BIGINT)",
    ),
    (
        "part",
        "SELECT range AS p_partkey, ['almond', 'azure', 'forest', 'green', 'linen'][(hash(range, 1) % 5)::INTEGER + 1] || ' part' AS p_name,
            'Manufacturer#' || (hash(range, 2) % 5 + 1) AS p_mfgr,
            'Brand#' || (hash(range, 2) % 5 + 1) || (hash(range, 3) % 5 + 1) AS p_brand,
            ['STANDARD', 'SMALL', 'MEDIUM', 'LARGE', 'ECONOMY', 'PROMO'][(hash(range, 4) % 6)::INTEGER + 1] || ' ' ||
            ['ANODIZED', 'BURNISHED', 'PLATED', 'POLISHED', 'BRUSHED'][(hash(range, 5) % 5)::INTEGER + 1] || ' ' ||
            ['TIN', 'NICKEL', 'BRASS', 'STEEL', 'COPPER'][(hash(range, 6) % 5)::INTEGER + 1] AS p_type,
            (hash(range, 7) % 50 + 1)::INTEGER AS p_size,
            ['SM', 'LG', 'MED', 'JUMBO', 'WRAP'][(hash(range, 8) % 5)::INTEGER + 1] || ' ' ||
            ['CASE', 'BOX', 'BAG', 'JAR', 'PKG', 'PACK', 'CAN', 'DRUM'][(hash(range, 9) % 8)::INTEGER + 1] AS p_container
         FROM range(({sf} * 200000)::BIGINT)",
    ),
    (
        "partsupp",
        "SELECT p.range AS ps_partkey, ((p.range + s.range * (({sf} * 10000)::BIGINT // 4 + 1)) % ({sf} * 10000)::BIGINT) AS ps_suppkey,
            (hash(p.range, s.range, 1) % 9999 + 1)::INTEGER AS ps_availqty,
            (hash(p.range, s.range, 2) % 100000)::DECIMAL(15, 2) / 100 AS ps_supplycost
         FROM range(({sf} * 200000)::BIGINT) p, range(4) s",
    ),
    (
        "customer",
        "SELECT range AS c_custkey, 'Customer#' || range AS c_name, (hash(range, 1) % 25)::BIGINT AS c_nationkey,
            ((hash(range, 2) % 1100000)::BIGINT - 100000)::DECIMAL(15, 2) / 100 AS c_acctbal,
            ['AUTOMOBILE', 'BUILDING', 'FURNITURE', 'HOUSEHOLD', 'MACHINERY'][(hash(range, 3) % 5)::INTEGER + 1] AS c_mktsegment
         FROM range(({sf} * 150000)::BIGINT)",
    ),
    (
        "orders",
        "SELECT range AS o_orderkey, (hash(range, 1) % ({sf} * 150000)::BIGINT)::BIGINT // 3 * 3 AS o_custkey,
            DATE '1992-01-01' + (hash(range, 2) % 2405)::INTEGER AS o_orderdate,
            (hash(range, 3) % 40000000)::DECIMAL(15, 2) / 100 AS o_totalprice,
            ['1-URGENT', '2-HIGH', '3-MEDIUM', '4-NOT SPECIFIED', '5-LOW'][(hash(range, 4) % 5)::INTEGER + 1] AS o_orderpriority,
            0 AS o_shippriority
         FROM range(({sf} * 1500000)::BIGINT)",
    ),
    (
        "lineitem",
        "SELECT o AS l_orderkey, n AS l_linenumber, p AS l_partkey,
            ((p + (hash(o, n, 1) % 4)::BIGINT * (({sf} * 10000)::BIGINT // 4 + 1)) % ({sf} * 10000)::BIGINT) AS l_suppkey,
            (hash(o, n, 2) % 50 + 1)::DECIMAL(15, 2) AS l_quantity, (hash(o, n, 3) % 9000000 + 90000)::DECIMAL(15, 2) / 100 AS l_extendedprice,
            (hash(o, n, 4) % 11)::DECIMAL(15, 2) / 100 AS l_discount, (hash(o, n, 5) % 9)::DECIMAL(15, 2) / 100 AS l_tax,
            CASE WHEN hash(o, n, 6) % 4 = 0 THEN 'R' WHEN hash(o, n, 6) % 4 = 1 THEN 'A' ELSE 'N' END AS l_returnflag,
            CASE WHEN d > DATE '1995-06-17' THEN 'O' ELSE 'F' END AS l_linestatus,
            d + (hash(o, n, 7) % 121 + 1)::INTEGER AS l_shipdate, d + (hash(o, n, 8) % 61 + 30)::INTEGER AS l_commitdate,
            d + (hash(o, n, 7) % 121 + 1)::INTEGER + (hash(o, n, 9) % 30 + 1)::INTEGER AS l_receiptdate,
            ['DELIVER IN PERSON', 'COLLECT COD', 'NONE', 'TAKE BACK RETURN'][(hash(o, n, 10) % 4)::INTEGER + 1] AS l_shipinstruct,
            ['REG AIR', 'AIR', 'RAIL', 'SHIP', 'TRUCK', 'MAIL', 'FOB'][(hash(o, n, 11) % 7)::INTEGER + 1] AS l_shipmode
         FROM (SELECT r.range AS o, n.range AS n, (hash(r.range, n.range, 0) % ({sf} * 200000)::BIGINT)::BIGINT AS p,
                 DATE '1992-01-01' + (hash(r.range, 2) % 2405)::INTEGER AS d
               FROM range(({sf} * 1500000)::BIGINT) r, range(7) n WHERE n.range <= hash(r.range, 12) % 7)",
    ),
];

/// The columns of each table that no two rows share the values of.
pub const UNIQUE: [(&str, &[&str]); 8] = [
    ("region", &["r_regionkey"]),
    ("nation", &["n_nationkey"]),
    ("supplier", &["s_suppkey"]),
    ("part", &["p_partkey"]),
    ("partsupp", &["ps_partkey", "ps_suppkey"]),
    ("customer", &["c_custkey"]),
    ("orders", &["o_orderkey"]),
    ("lineitem", &["l_orderkey", "l_linenumber"]),
];

/// Calculated columns: the name, and the expression that a person would write.
pub const CALCULATED: [(&str, &str, &str); 9] = [
    ("lineitem", "disc_price", "l_extendedprice * (1 - l_discount)"),
    ("lineitem", "charge", "l_extendedprice * (1 - l_discount) * (1 + l_tax)"),
    ("lineitem", "saved", "l_extendedprice * l_discount"),
    ("lineitem", "is_late", "l_commitdate < l_receiptdate"),
    ("lineitem", "is_shipped_in_time", "l_shipdate < l_commitdate"),
    ("partsupp", "stock_value", "ps_supplycost * ps_availqty"),
    ("part", "is_promo", "starts_with(p_type, 'PROMO')"),
    ("part", "is_medium_polished", "starts_with(p_type, 'MEDIUM POLISHED')"),
    ("supplier", "has_complaints", "contains(s_comment, 'Customer') and contains(s_comment, 'Complaints')"),
];
