# A database as glmpp sees it: a connection, what follows FROM, and how its dialect says a few things. Every
# query goes through here, and every name and text is quoted here.

new_database <- function(con, from) {
  list(con = con, from = from, dialect = find_dialect(con))
}

# classes       of the connection (DBI packages; odbc's are named after the product)
# double        the type of double precision numbers
# columns       most columns of a result
# fence         keeps a subquery from being merged into the query around it, which would compute its columns
#               anew for each sum that reads them (https://sqlite.org/optoverview.html, "Subquery
#               flattening"; PostgreSQL's manual on OFFSET 0)
# not_a_number  the NaN to be read as missing, as R does
dialects <- list(
  SQLite = list(classes = "SQLiteConnection", double = "REAL", columns = 2000, fence = "LIMIT -1 OFFSET 0", is_row_store = TRUE),
  PostgreSQL = list(classes = c("PqConnection", "PostgreSQLConnection", "PostgreSQL"), double = "DOUBLE PRECISION",
                    columns = 1664, fence = "OFFSET 0", not_a_number = "'NaN'", is_row_store = TRUE),
  `SQL Server` = list(classes = "Microsoft SQL Server", double = "FLOAT", columns = 4096, ln = "LOG", is_row_store = TRUE),
  MySQL = list(classes = c("MariaDBConnection", "MySQLConnection", "MySQL"), double = "DOUBLE", columns = 4096,
               is_row_store = TRUE),
  DuckDB = list(classes = "duckdb_connection", double = "DOUBLE", columns = 10000, not_a_number = "CAST('NaN' AS DOUBLE)"),
  BigQuery = list(classes = c("BigQueryConnection", "BigQuery"), double = "FLOAT64", columns = 10000),
  Snowflake = list(classes = "Snowflake", double = "DOUBLE", columns = 10000),
  `Spark SQL` = list(classes = c("Spark SQL", "spark_connection", "DatabricksConnection", "Hive", "Impala"),
                     double = "DOUBLE", columns = 10000),
  Redshift = list(classes = c("RedshiftConnection", "Redshift"), double = "DOUBLE PRECISION", columns = 1600)
)

find_dialect <- function(con) {
  known <- vapply(dialects, function(dialect) inherits(con, dialect$classes), NA)
  found <- if (any(known)) c(dialects[[which(known)[1]]], name = names(dialects)[which(known)[1]])
           else list(double = "DOUBLE PRECISION", columns = 1000, name = class(con)[1])
  if (found$name == "PostgreSQL" && inherits(con, "RedshiftConnection")) found <- c(dialects$Redshift, name = "Redshift")
  defaults <- list(fence = "", ln = "LN", is_row_store = FALSE)
  c(found, defaults[setdiff(names(defaults), names(found))])
}

# ---- Quoting ----

# dbplyr's simulated connections have no driver to ask.
is_simulated <- function(database) inherits(database$con, "TestConnection")

quote_name <- function(database, names) {
  if (is_simulated(database)) return(simulated_quotes(database, lapply(names, dbplyr::ident)))
  as.character(DBI::dbQuoteIdentifier(database$con, names))
}

quote_text <- function(database, text) {
  if (is_simulated(database)) return(simulated_quotes(database, text))
  as.character(DBI::dbQuoteString(database$con, text))
}

simulated_quotes <- function(database, values) {
  vapply(values, function(value) as.character(dbplyr::escape(value, con = database$con)), "", USE.NAMES = FALSE)
}

# Numbers with all their digits. PostgreSQL reads a plain one as an exact decimal, whose arithmetic is slow.
quote_number <- function(database, values) {
  text <- sprintf("%.16e", values)
  whole <- abs(values) < 1e9 & values == round(values)
  text[whole] <- sprintf("%.1f", values[whole])
  if (database$dialect$name %in% c("PostgreSQL", "Redshift")) return(as_double(database, text))
  ifelse(values < 0, paste0("(", text, ")"), text)
}

# A value of a factor's column, as it came.
quote_key <- function(database, key) {
  if (is.character(key)) return(quote_text(database, key))
  if (is.numeric(key)) return(ifelse(key == round(key), sprintf("%.0f", key), quote_number(database, key)))
  as.character(DBI::dbQuoteLiteral(database$con, key))
}

as_double <- function(database, sql) sprintf("CAST(%s AS %s)", sql, database$dialect$double)

as_name <- function(from, name) paste(from, "AS", name)

as_table <- function(query, name) as_name(paste0("(", query, ")"), name)

# The same, computed before the query around it.
nested <- function(database, query, name) {
  fence <- if (nzchar(database$dialect$fence)) paste0("\n", database$dialect$fence) else ""
  sprintf("(%s%s) AS %s", query, fence, name)
}

named_columns <- function(expressions) {
  comma(paste(expressions, "AS", names(expressions)), Inf)
}

# ---- Talking ----

send_query <- function(database, query) {
  in_connection(database, DBI::dbSendQuery(database$con, query), query)
}

# The whole answer, its columns told apart by place: engines differ in the case of names.
fetch_query <- function(database, query) {
  result <- send_query(database, query)
  on.exit(without_failing(DBI::dbClearResult(result)))
  plain_columns(in_connection(database, DBI::dbFetch(result, n = -1), query))
}

in_connection <- function(database, value, query = NULL) {
  watched <- function() {
    withCallingHandlers(value, warning = function(warning) {
      if (grepl("mixed type", conditionMessage(warning))) stop_mixed_types(database, conditionMessage(warning))
    })
  }
  tryCatch(watched(), error = function(error) {
    if (inherits(error, "glmpp_error")) stop(error)
    if (is_lost(database$con, conditionMessage(error))) stop_disconnected(conditionMessage(error))
    stop_glmpp("database", "The database refused a query.", x = conditionMessage(error), i = advice_for(conditionMessage(error)),
               i = if (!is.null(query)) paste("The query begins", substr(query, 1, 200)))
  })
}

# SQLite's columns take values of any type.
stop_mixed_types <- function(database, message) {
  stop_glmpp("variable", sprintf("A column of %s has values of more than one type.", database$from), x = message,
             i = "Give a query that makes them one, as `in_database(con, DBI::SQL(\"SELECT CAST(x AS REAL) AS x, y FROM d\"))`.")
}

refuse_text_among_numbers <- function(database, template) {
  numbers <- names(template)[vapply(template, is.numeric, NA)]
  if (database$dialect$name != "SQLite" || !length(numbers)) return(invisible())
  text <- sprintf("SUM(CASE WHEN TYPEOF(%s) IN ('text', 'blob') THEN 1 ELSE 0 END)", quote_name(database, numbers))
  counts <- as.double(fetch_query(database, sprintf("SELECT %s FROM %s", comma(text, Inf), as_name(database$from, "q"))))
  bad <- which(counts > 0)
  if (!length(bad)) return(invisible())
  stop_mixed_types(database, sprintf("`%s` has numbers, and text in %s.", numbers[bad[1]], plural(counts[bad[1]], "row")))
}

is_lost <- function(con, message) {
  !isTRUE(tryCatch(DBI::dbIsValid(con), error = function(e) FALSE)) ||
    grepl(paste0("terminating connection|server closed the connection|no connection to the server|",
                 "connection.*(lost|closed|bad)|[Ii]nvalid (or closed )?connection"), message)
}

stop_disconnected <- function(message) {
  stop_glmpp("disconnected", "The connection to the database was lost.", x = message,
             i = "Connect again by DBI::dbConnect() and repeat the fit: nothing was written, no temporary table is left.")
}

advice_for <- function(message) {
  if (grepl("no such function", message)) math_advice
  else if (grepl("out of (domain|range)|logarithm|square root|overflow|underflow", message)) {
    "A function was given a value that it is not defined for, as in log(0): leave such rows out by `subset`."
  }
}

math_advice <- "SQLite has exp() and log() after RSQLite::initExtension(con, \"math\"); `where = \"stream\"` needs none."

without_failing <- function(value) tryCatch(suppressWarnings(value), error = function(e) NULL)

# The first rows of the needed columns without NULL: what types they are in R.
fetch_template <- function(database, columns = NULL, rows = 1000) {
  fields <- names(fetch_query(database, sprintf("SELECT * FROM %s WHERE 1 = 0", as_name(database$from, "q"))))
  used <- if (is.null(columns)) fields else intersect(columns, fields)
  if (!length(used)) used <- fields[1]
  quoted <- quote_name(database, used)
  query <- sprintf("SELECT %s FROM %s WHERE %s", comma(quoted, Inf), as_name(database$from, "q"),
                   paste(quoted, "IS NOT NULL", collapse = " AND "))
  result <- send_query(database, query)
  on.exit(without_failing(DBI::dbClearResult(result)))
  plain_columns(in_connection(database, DBI::dbFetch(result, n = rows), query))
}
