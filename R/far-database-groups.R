# Where the columns of the model have few distinct rows, the database gives each once, with its count; the fit to
# them, with counts as weights, is exact, and needs nothing else of the database.

most_groups <- 1e5

# A sample that hardly repeats itself settles it; else the database counts, no further than it must.
is_groupable <- function(home, template) {
  if (nrow(unique(template)) > 0.9 * nrow(template) && nrow(template) > 100) return(FALSE)
  database <- home$database
  distinct <- sprintf("SELECT DISTINCT %s FROM %s", comma(quote_name(database, names(template)), Inf), as_name(database$from, "q"))
  few <- dbplyr::sql_query_select(database$con, dbplyr::sql("*"), dbplyr::sql(as_table(distinct, "d")),
                                  limit = most_groups + 1)
  count <- fetch_query(database, sprintf("SELECT COUNT(*) FROM %s", as_table(few, "f")))[[1]]
  as.double(count) <= most_groups
}

outline_groups <- function(home, template) {
  part <- fetch_groups(home$database, names(template), template)
  counts <- part$counts
  model <- grouped_model(home$model)
  full <- part_frame(model, part$rows)
  probe_groups(home, part$rows)
  frame <- apply_na_action(full, model$na_action, model$threads)
  read <- counts[as.integer(attr(full, "row.names"))]
  home$frame <- frame
  home$counts <- counts[as.integer(attr(frame, "row.names"))]
  missing <- vapply(full, function(column) sum(read[missing_rows(column)]), 0)
  if (!nrow(frame)) stop_no_rows_anywhere(list(rows = sum(read), missing = missing))
  column <- response_column(frame)
  if (is.factor(.subset2(frame, column))) home$frame[[column]] <- frame[[column]][, drop = TRUE]
  response <- read_response(home$frame, model$family, model$start, model$threads)
  new_outline(attr(frame, "terms"), describe_frame(home$frame, part$rows, model, "the database"), sum(read), sum(home$counts), missing,
              outline_counted(response, .subset2(home$frame, column), home$counts, model$family))
}

# Rows for which a condition is missing are left out here: they have no counts.
grouped_model <- function(model) {
  subset <- model$frame_call$subset
  if (!is.null(subset) && !is_call_of(subset, "which")) model$frame_call$subset <- call("which", subset)
  model
}

probe_groups <- function(home, rows) {
  if (!length(home$unknown)) return(invisible())
  probe <- new_probe(home$unknown, environment(home$model$formula))
  probe$add(rows)
  probe$check()
}

fetch_groups <- function(database, columns, template) {
  quoted <- comma(quote_name(database, columns), Inf)
  found <- fetch_query(database, sprintf("SELECT %s, COUNT(*) FROM %s GROUP BY %s", quoted, as_name(database$from, "q"), quoted))
  rows <- found[seq_along(columns)]
  names(rows) <- columns
  list(rows = plain_columns(rows, template), counts = as.double(found[[length(found)]]))
}

missing_rows <- function(column) if (is.matrix(column)) rowSums(is.na(column)) > 0 else is.na(column)

# outline_response() of rows that each stand for `counts` equal ones.
outline_counted <- function(response, y, counts, family) {
  refuse_zeros_of_quasi(response, family)
  weights <- full_weights(response)
  total <- function(values) sum(counts * values)
  has_log_y <- reads_log_y(family)
  list(effective_rows = total(weights > 0), sum_weights = total(weights),
       weighted_y = if (is.factor(y)) NULL else total(weights * response$y),
       level_weights = if (is.factor(y)) tapply(counts * weights, y, sum, default = 0),
       log_weights = if (is.null(response$weights)) 0 else total(log(weights)),
       log_y = if (has_log_y) total(ifelse(weights > 0, weights * log(response$y), 0)) else 0,
       saturated = counted_saturated(response, counts, weights, family),
       offset = if (is.null(response$offset)) 0 else total(response$offset), has_offset = !is.null(response$offset))
}

# Minus twice the log-likelihood when every mean is its response; aic() of the other families is linear in the weights.
counted_saturated <- function(response, counts, weights, family) {
  if (isTRUE(response$is_bernoulli) || !has_additive_likelihood(family)) return(0)
  if (has_whole_trials(family)) {
    trials <- response$trials %||% weights
    if (has_fractions(response$y, trials)) return(NA_real_)
    return(saturated_binomial(response$y, trials, counts * ifelse(trials > 0, weights / trials, 0)))
  }
  family$aic(response$y, rep.int(1, response$rows), pmax(response$y, 1e-300), counts * weights, 0)
}

saturated_binomial <- function(y, trials, counts) {
  used <- trials > 0 & counts > 0
  -2 * sum((counts * dbinom(round(trials * y), round(trials), y, log = TRUE))[used])
}

begin_groups <- function(home, schema) {
  home$schema <- schema
  home$rows <- frame_rows(home, home$frame)
  home$rows$response$weights <- home$counts * full_weights(home$rows$response)
  home$rows$response$is_bernoulli <- FALSE
  home$rows$counts <- home$counts
  0
}

pass_groups <- function(home, question) pass_rows(home$rows, home$model, question)
