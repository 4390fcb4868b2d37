#' Rows in a database
#'
#' Data of a DBI connection, for the argument `data` of [glmpp()]; a `dplyr::tbl(con, ...)` can be given as it is.
#' The rows either come to R in ranges (`"stream"`), or stay where they are and are summed there
#' (`"database"`). Nothing is written to the database, and no temporary table is made.
#'
#' @section Summing in the database:
#' Each pass over the data is one aggregate query, or as few as the engine's column limit allows.
#' * Where the columns of the model have few distinct rows, one query with `GROUP BY` over these columns
#'   fetches them with their counts; the fit to them is exact, whatever the family.
#' * Else numeric columns are centred and scaled in the query, `GROUP BY` over the factors gives the
#'   sums for each cell, and the linear predictor is written out, the factors' effects by `CASE`. `log`, `exp`,
#'   `sqrt`, arithmetic, comparisons, `ifelse()` and the like are translated by \pkg{dbplyr}; text becomes SQL only as
#'   quoted by \pkg{DBI}. Levels that the engine's collation takes for equal are one level.
#'
#' Formulas may use the functions that an error of class `glmpp_error_pushdown` lists, with `factor()` around them. `min()`, `max()`, `range()`,
#' `sum()`, `length()`, `mean()`, `sd()`, `var()` and `scale()` of a numeric expression are asked for by a query of their own; medians, quantiles, `poly()` and
#' `ns()` are refused (the stream has them). Conditions count as 0 and 1 in arithmetic. A column of dates is a number, as in R, in SQLite (with
#' `extended_types = TRUE`) and PostgreSQL; levels of dates, the order of text (`g < "b"`) and comparisons of text with numbers are
#' refused, since R and the engine may have different rules. Rows for which `subset` is missing are left out; row numbers
#' are refused.
#'
#' The families are binomial (logit, cloglog, log, identity, and probit where the engine has `erfc`), poisson
#' (log, identity, sqrt), gaussian (identity, log, inverse), Gamma (log, inverse, identity), inverse.gaussian
#' (1/mu^2, log, inverse, identity) and their quasi versions. SQLite has `exp` and `log` when its extension functions are loaded, as
#' `RSQLite::dbConnect()` does by default, or by `RSQLite::initExtension(con, "math")`.
#' Standard errors come from sums, and so a condition number above 1e5 of the centred and scaled columns is an error; the
#' stream has no such limit. The package's tests run on SQLite and PostgreSQL, and on DuckDB where it is installed; for
#' SQL Server, Snowflake, Spark and BigQuery they look at the text of the queries only.
#'
#' @section Streaming:
#' Each pass reads the needed columns once. The order of the rows is that of the table: SQLite's is fixed,
#' PostgreSQL's is held still during a pass by settings local to a transaction of its own. Where rows come
#' in another order the last digits of the result may differ; `order` rules that out, and gives the rows numbers for
#' `subset = 1:100`. Formulas may say what [far_terms] lists, with medians, quantiles and `poly()`.
#'
#' @param con A DBI connection.
#' @param table The name of a table; for one in a schema `c("schema", "table")` or a `DBI::Id()`. A query must be
#'   marked as one: `DBI::SQL("SELECT ...")`.
#' @param where Where the sums are made: `"stream"` in R, `"database"` there. `"auto"`: in the database for column
#'   stores and warehouses (DuckDB, BigQuery, Snowflake, Spark, Redshift and others), in R for row stores (SQLite, PostgreSQL,
#'   MySQL, SQL Server).
#' @param rows How many rows are fetched at once by the stream.
#' @param cache Should the stream's first pass write the columns of the model to a temporary file on this machine's disk,
#'   for the passes after it to read? See [csv_chunks()]. By default the data are copied nowhere.
#' @param order Names of columns by which the stream orders the rows; by default as they come.
#' @returns An object of class `c("glmpp_database", "glmpp_source")`.
#' @seealso [far_terms] for what is accepted and what is not.
#' @section Conditions:
#' `glmpp_error_parts` for terms that need all rows, `glmpp_error_database` when the database refuses a query, `glmpp_error_disconnected` when the connection was
#' lost, `glmpp_error_pushdown` for what can't be said in SQL (the stream can), `glmpp_error_condition` for a
#' bad condition.
#' @references Miller, A. J. (1992) Algorithm AS 274: least squares routines to supplement those of Gentleman, *Applied
#'   Statistics* 41, 458-478. Chan, T. F., Golub, G. H. and LeVeque, R. J. (1983) Algorithms for computing the
#'   sample variance, *The American Statistician* 37, 242-247 (why columns are centred first).
#' @examples
#' if (requireNamespace("RSQLite", quietly = TRUE) && requireNamespace("dbplyr", quietly = TRUE)) {
#'   con <- DBI::dbConnect(RSQLite::SQLite(), ":memory:")
#'   DBI::dbWriteTable(con, "mtcars", mtcars)
#'   print(coef(glmpp(am ~ wt, binomial, in_database(con, "mtcars"))))
#'   print(coef(glmpp(am ~ wt, binomial, in_database(con, "mtcars", where = "database"))))
#'   DBI::dbDisconnect(con)
#' }
#' @concept SQL
#' @concept database
#' @concept out of memory
#' @concept DuckDB
#' @concept PostgreSQL
#' @concept SQLite
#' @export
in_database <- function(con, table, where = c("auto", "stream", "database"), rows = 50000, order = NULL,
                        cache = FALSE) {
  need_package("DBI", "`in_database()`")
  if (!is.character(where) || !where[1] %in% c("auto", "stream", "database")) {
    stop_glmpp("argument", "`where` must be \"auto\", \"stream\" or \"database\".", x = sprintf("It is %s.", value_text(where)))
  }
  check_count(rows, "rows")
  check_flag(cache, "cache")
  check_connection(con)
  structure(list(database = new_database(con, source_table(con, table)), where = where[1], rows = rows, order = order,
                 cache = cache),
            class = c("glmpp_database", "glmpp_source"))
}

need_package <- function(package, what) {
  if (requireNamespace(package, quietly = TRUE)) return(invisible())
  stop_glmpp("package", sprintf("%s needs the package %s.", what, package), i = sprintf("install.packages(\"%s\")", package))
}

check_connection <- function(con) {
  if (!inherits(con, "DBIConnection")) {
    stop_glmpp("argument", "`con` must be a DBI connection.", x = sprintf("It is %s.", describe_type(con)),
               i = "Make one by DBI::dbConnect().")
  }
  if (!isTRUE(DBI::dbIsValid(con))) stop_disconnected("It was closed before the fit.")
}

# What follows FROM: a quoted name, or a query in parentheses.
source_table <- function(con, table) {
  if (inherits(table, "SQL") || inherits(table, "sql")) return(paste0("(", sub(";\\s*$", "", table), ")"))
  if (is.character(table) && length(table) > 0 && !anyNA(table)) {
    name <- if (length(table) == 1) table else do.call(DBI::Id, as.list(table))
    return(as.character(DBI::dbQuoteIdentifier(con, name)))
  }
  if (inherits(table, "Id")) return(as.character(DBI::dbQuoteIdentifier(con, table)))
  stop_glmpp("argument", "`table` must be the name of a table, a DBI::Id(), or a query marked by DBI::SQL().",
             x = sprintf("It is %s.", describe_type(table)))
}

#' @export
print.glmpp_database <- function(x, ...) {
  cat(sprintf("Rows of %s\nSums are made %s\n", x$database$from,
              if (sums_where(x) == "stream") sprintf("in R, from %s rows at a time", format(x$rows, big.mark = ","))
              else sprintf("in the database (%s)", x$database$dialect$name)))
  invisible(x)
}

# A lazy table of dplyr.
database_of_tbl <- function(tbl) {
  need_package("dbplyr", "A lazy table as `data`")
  con <- dbplyr::remote_con(tbl)
  in_database(con, DBI::SQL(as.character(dbplyr::remote_query(tbl))))
}

sums_where <- function(source) {
  if (source$where != "auto") source$where
  else if (source$database$dialect$is_row_store) "stream"
  else "database"
}

#' @export
open_home.tbl_lazy <- function(source, model) open_home(database_of_tbl(source), model)

#' @export
open_reader.tbl_lazy <- function(source, columns) open_reader(database_of_tbl(source), columns)

#' @export
open_home.glmpp_database <- function(source, model) {
  check_connection(source$database$con)
  if (sums_where(source) == "stream") open_parts_home(source, model) else open_database_home(source$database, model)
}

# ---- Stream ----

#' @export
open_reader.glmpp_database <- function(source, columns) {
  database <- source$database
  template <- fetch_template(database, columns, rows = 1)
  query <- sprintf("SELECT %s FROM %s", comma(quote_name(database, names(template)), Inf), as_name(database$from, "q"))
  if (length(source$order)) query <- paste(query, "ORDER BY", comma(quote_name(database, source$order), Inf))
  release <- hold_row_order(database)
  backend <- backend_of(database)
  result <- tryCatch(send_query(database, query), error = function(e) {
    release()
    stop(e)
  })
  done <- 0
  list(
    next_part = function() {
      part <- in_connection(database, DBI::dbFetch(result, n = source$rows))
      if (!nrow(part)) {
        without_failing(DBI::dbClearResult(result))
        check_backend(database, backend)
        return(NULL)
      }
      label <- sprintf("rows %s to %s of %s", format(done + 1, big.mark = ","), format(done + nrow(part), big.mark = ","),
                       database$from)
      done <<- done + nrow(part)
      structure(plain_columns(part, template), label = label)
    },
    close = function() {
      without_failing(DBI::dbClearResult(result))
      release()
    }
  )
}

# RPostgres may take a lost connection for the end of the rows, and connects anew without a word.
backend_of <- function(database) {
  if (inherits(database$con, "PqConnection")) fetch_query(database, "SELECT pg_backend_pid()")[[1]]
}

check_backend <- function(database, backend) {
  if (!identical(backend_of(database), backend)) stop_disconnected("The rows broke off, and the driver has connected anew.")
}

# 64-bit integers as numbers; a column of nothing but NULL in the type that it has elsewhere.
plain_columns <- function(part, template = NULL) {
  # (By place: the sums of a query may share their name.)
  for (place in seq_along(part)) {
    column <- part[[place]]
    known <- template[[names(part)[place]]]
    if (inherits(column, "integer64")) part[[place]] <- as.double(column)
    else if (is.logical(column) && !is.logical(known) && !is.null(known) && all(is.na(column))) {
      part[[place]] <- known[rep(NA_integer_, nrow(part))]
    }
  }
  part
}

# PostgreSQL may start a scan in the middle of a table, and share it among workers: for the time of a pass, not so.
hold_row_order <- function(database) {
  con <- database$con
  if (!inherits(con, "PqConnection")) return(function() invisible())
  begun <- tryCatch(DBI::dbBegin(con), error = function(e) FALSE)  # the user's own transaction
  if (!isTRUE(begun)) return(function() invisible())
  in_connection(database, {
    DBI::dbExecute(con, "SET LOCAL synchronize_seqscans = off")
    DBI::dbExecute(con, "SET LOCAL max_parallel_workers_per_gather = 0")
  })
  function() without_failing(DBI::dbRollback(con))
}
