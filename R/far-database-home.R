# The home of data that stay in their database. It answers a pass by sums over groups of equal rows, fetched once
# where they are few (R/far-database-groups.R), or else by an aggregate query for each pass (R/far-database-sums.R).

open_database_home <- function(database, model) {
  need_package("dbplyr", "`where = \"database\"`")
  refuse_starts_by_row(model)
  home <- list2env(list(database = database, model = model))
  list(
    traits = list(gives_root = TRUE, gives_start = TRUE, gives_observed = FALSE, gives_bends = FALSE),
    lacks = function() list(sample = "the rows stay in the database", bends = "the database sums the model as it is",
                            proof = home$way$no_search, adopt = no_adoption(home)),
    outline = function() {
      template <- read_template(home)
      settle_in_database(home, template)
      home$way <- if (is_groupable(home, template)) ways$groups else ways$sums
      outline <- home$way$outline(home, template)
      if (isTRUE(home$model$is_part)) outline else finish_outline(outline, home$model)
    },
    begin = function(schema, total) home$way$begin(home, schema),
    pass = function(question) home$way$pass(home, question),
    meat = function(coefficients, cluster = NULL, leverage = NULL) home$way$meat(home, coefficients, cluster, leverage),
    adopt = function(family) {
      adopt_family(home, family)
      if (!is.null(home$terms)) home$terms <- family_terms(family, home$database)
    },
    search = function(question) home$way$search(home, question),
    close = function() invisible()
  )
}

# Queries sum a likelihood only where it can be said in SQL.
no_adoption <- function(home) {
  if (!is.null(home$terms) && is.null(home$terms$likelihood)) "its likelihood is not summed in SQL, and the rows stay in the database"
}

refuse_starts_by_row <- function(model) {
  given <- intersect(c("etastart", "mustart"), names(model$frame_call))
  if (length(given)) {
    stop_glmpp("pushdown", sprintf("`%s` has one value for each row, and the rows stay in the database.", given[1]),
               i = "Give `start`, one value for each coefficient, or stream: `in_database(..., where = \"stream\")`.")
  }
}

# Some complete rows, from which R tells what type each variable of the formula has.
read_template <- function(home) {
  template <- fetch_template(home$database, home$model$columns)
  if (nrow(template)) return(template)
  counts <- count_missing(home$database, names(template))
  stop_no_rows_anywhere(list(rows = counts[[1]], missing = counts[-1]))
}

count_missing <- function(database, columns) {
  quoted <- quote_name(database, columns)
  counts <- fetch_query(database, sprintf("SELECT COUNT(*), %s FROM %s",
                                          comma(sprintf("SUM(CASE WHEN %s IS NULL THEN 1 ELSE 0 END)", quoted), Inf),
                                          as_name(database$from, "q")))
  structure(as.double(counts), names = c("rows", columns))
}

# How sums are had: from groups of equal rows, or by queries.
ways <- list(
  groups = list(outline = function(...) outline_groups(...), begin = function(...) begin_groups(...),
                pass = function(...) pass_groups(...), meat = function(...) meat_groups(...),
                search = function(home, question) search_rows(home$rows, home$schema, home$model, question)),
  sums = list(outline = function(...) outline_sums(...), begin = function(...) begin_sums(...),
              pass = function(...) pass_sums(...), meat = function(...) meat_sums(...),
              no_search = "separation is proved from rows, and these stay in the database")
)
