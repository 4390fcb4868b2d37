# Each pass as an aggregate query. A row of the design is x_j = C_j(cell) m_j, with C_j a number for its combination of
# levels (its cell) and m_j a product of numeric variables. So for each cell the sums of r z_a, of w z_a z_b and
# of the deviance are all that is needed, where the z are the distinct products, centred and scaled.

outline_sums <- function(home, template) {
  home$template <- template
  model <- home$model
  refuse_text_among_numbers(home$database, template)
  home$terms <- family_terms(model$family, home$database)
  home$database <- probe_functions(home$database, c(home$terms, if (uses_log(model)) "LN("), model$family)
  plan <- new_plan(home, template)
  suppressWarnings(read_response(plan$frame, model$family, model$start, model$threads), "glmpp_warning")
  census <- count_variables(home$database, plan)
  refuse_missing_in_database(model$na_action, census)
  if (census$kept == 0) stop_no_rows_anywhere(census)
  plan <- add_keys(home$database, plan)
  totals <- total_response(home$database, plan, model$family)
  plan$moments <- totals$moments
  plan$kept <- census$kept
  plan$mean <- totals$weighted_y / totals$sum_weights
  home$plan <- plan
  check_total_response(totals, plan, model$family)
  variables <- lapply(seq_along(plan$variables), function(k) outline_variable(plan, k))
  new_outline(plan$terms, named(variables, names(plan$variables)), census$rows, census$kept, census$missing,
              outline_of_totals(home, totals, model$family))
}

uses_log <- function(model) {
  named <- unlist(lapply(as.list(model$frame_call), all.names))
  any(c("log", "log2", "log10", "log1p") %in% named) || reads_log_y(model$family) ||
    (reads_log_weights(model$family) && "weights" %in% names(model$frame_call))
}

# Rows, complete rows, and NULL by variable.
count_variables <- function(database, plan) {
  is_null <- vapply(plan$variables, function(v) paste(names(v$columns), "IS NULL", collapse = " OR "), "")
  counts <- fetch_query(database, sprintf("SELECT COUNT(*), SUM(CASE WHEN %s THEN 1 ELSE 0 END), %s\nFROM %s", is_complete(plan),
                                          comma(sprintf("SUM(CASE WHEN %s THEN 1 ELSE 0 END)", is_null), Inf),
                                          as_table(variables_query(plan, database), "s0")))
  counts <- as.double(counts)
  counts[is.na(counts)] <- 0
  list(rows = counts[1], kept = counts[2], missing = structure(counts[-(1:2)], names = names(plan$variables)))
}

refuse_missing_in_database <- function(action, census) {
  if (identical(action, na.omit) || identical(action, na.exclude)) return(invisible())
  if (!is.null(action) && !identical(action, na.fail) && !identical(action, na.pass)) {
    stop_glmpp("pushdown", "`na.action` must be na.omit, na.exclude, na.fail or na.pass for sums in the database.")
  }
  bad <- which(census$missing > 0)
  if (!length(bad)) return(invisible())
  stop_glmpp("missing", "missing values in object: no NA is allowed by this `na.action`.",
             x = paste0(comma(sprintf("`%s` has %g", names(census$missing)[bad], census$missing[bad])), "."),
             i = "Use `na.action = na.omit` to drop such rows.")
}

# ---- Levels and cells ----

# `cells`: the combinations of levels that occur, one column for each factor of the terms, by variable; `keys`
# the values that stand for the levels in the database.
add_keys <- function(database, plan) {
  kinds <- vapply(plan$variables, `[[`, "", "kind")
  response <- response_column(plan$frame)
  used <- which(kinds %in% c("key", "flag") & row_sums_or_none(attr(plan$terms, "factors"), length(kinds)) > 0)
  plan$factors <- setdiff(used, response)
  found <- distinct_keys(database, plan, plan$factors)
  for (k in plan$factors) {
    plan$variables[[k]] <- c(plan$variables[[k]], levels_of_keys(plan$variables[[k]], found[[paste0("g", k)]]))
  }
  plan$cells <- Map(function(k, column) match(key_labels(plan$variables[[k]], column), plan$variables[[k]]$levels), plan$factors,
                    found[seq_along(plan$factors)])
  if (kinds[response] == "key") {
    values <- distinct_keys(database, plan, response)
    plan$variables[[response]] <- c(plan$variables[[response]], levels_of_keys(plan$variables[[response]], values[[1]]))
    binomial_vector(factor(plan$variables[[response]]$levels), names(plan$variables)[response])
    plan$failure <- plan$variables[[response]]$keys[1]
  }
  plan
}

row_sums_or_none <- function(factors, count) {
  if (!length(factors)) return(numeric(count))
  c(rowSums(factors > 0), numeric(count - nrow(factors)))
}

distinct_keys <- function(database, plan, places) {
  if (!length(places)) return(list())
  columns <- vapply(plan$variables[places], function(v) names(v$columns), "")
  most <- 1e6
  query <- complete_query(plan, database, structure(columns, names = paste0("g", places)))
  found <- fetch_query(database, sprintf("SELECT DISTINCT %s\nFROM %s", comma(paste0("g", places), Inf), as_table(query, "s1")))
  if (nrow(found) > most) {
    stop_glmpp("pushdown", sprintf("The factors have %s, too many to be summed by.", plural(nrow(found), "combination of levels")),
               i = "`in_database(..., where = \"stream\")` does not form them.")
  }
  names(found) <- paste0("g", places)
  found
}

# Levels as factor() orders them: numbers by size, text by the alphabet.
levels_of_keys <- function(variable, values) {
  if (variable$kind == "flag") return(list(levels = c("FALSE", "TRUE"), keys = c(0, 1)))
  keys <- sort(unique(values))
  labels <- as.character(keys)
  if (anyDuplicated(labels)) keys <- keys[!duplicated(labels)]
  list(levels = unique(labels), keys = keys)
}

key_labels <- function(variable, values) {
  if (variable$kind == "flag") c("FALSE", "TRUE")[as.double(values) + 1] else as.character(values)
}

outline_variable <- function(plan, place) {
  variable <- plan$variables[[place]]
  switch(variable$kind,
    flag = list(kind = "logical"),
    number = list(kind = "numeric", is_matrix = FALSE, columns = 1L, labels = NULL),
    counts = list(kind = "numeric", is_matrix = TRUE, columns = 2L, labels = colnames(plan$frame[[place]])),
    key = c(list(kind = if (variable$is_factor) "factor" else "text", levels = variable$levels, used = variable$levels,
        keys = list(variable$keys)[variable$is_factor]),
            if (variable$is_factor) list(ordered = variable$ordered))
  )
}
