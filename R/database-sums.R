# Each pass as an aggregate query. A row of the design is x_j = C_j(cell) m_j, with C_j a number for its combination of
# levels (its cell) and m_j a product of numeric variables. So for each cell the sums of r z_a, of w z_a z_b and
# of the deviance are all that is needed, where the z are the distinct products, centred and scaled.

outline_sums <- function(home, template) {
  home$template <- template
  model <- home$model
  refuse_text_among_numbers(home$database, template)
  plan <- new_plan(home, template)
  suppressWarnings(read_response(plan$frame, model$family, model$start), "glmpp_warning")
  home$terms <- family_terms(model$family, home$database)
  home$database <- probe_functions(home$database, c(home$terms, if (uses_log(model)) "LN("), model$family)
  plan$translator$database <- home$database
  if (uses_log(model)) plan <- new_plan(home, template)
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
  new_outline(plan$terms, lapply(stats::setNames(seq_along(plan$variables), names(plan$variables)), function(k) outline_variable(plan, k)),
              census$rows, census$kept, census$missing, outline_of_totals(home$database, plan, totals, model$family))
}

uses_log <- function(model) {
  named <- unlist(lapply(as.list(model$frame_call), all.names))
  any(c("log", "log2", "log10", "log1p") %in% named) || model$family$family %in% c("Gamma", "inverse.gaussian") ||
    (model$family$family == "gaussian" && "weights" %in% names(model$frame_call))
}

# Rows, complete rows, and NULL by variable.
count_variables <- function(database, plan) {
  is_null <- vapply(plan$variables, function(v) paste(names(v$columns), "IS NULL", collapse = " OR "), "")
  counts <- fetch_query(database, sprintf("SELECT COUNT(*), SUM(CASE WHEN %s THEN 1 ELSE 0 END), %s\nFROM %s", is_complete(plan),
                                          comma(sprintf("SUM(CASE WHEN %s THEN 1 ELSE 0 END)", is_null), Inf),
                                          aliased(paste0("(", variables_query(plan, database), ")"), "s0")))
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
  used <- which(kinds %in% c("key", "flag") & rowSums_or_none(attr(plan$terms, "factors"), length(kinds)) > 0)
  plan$factors <- setdiff(used, response)
  found <- distinct_keys(database, plan, plan$factors)
  for (k in plan$factors) plan$variables[[k]] <- c(plan$variables[[k]], levels_of_keys(plan$variables[[k]], found[[paste0("g", k)]]))
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

rowSums_or_none <- function(factors, count) {
  if (!length(factors)) return(numeric(count))
  c(rowSums(factors > 0), numeric(count - nrow(factors)))
}

distinct_keys <- function(database, plan, places) {
  if (!length(places)) return(list())
  columns <- vapply(plan$variables[places], function(v) names(v$columns), "")
  most <- 1e6
  query <- complete_query(plan, database, structure(columns, names = paste0("g", places)))
  found <- fetch_query(database, sprintf("SELECT DISTINCT %s\nFROM %s", comma(paste0("g", places), Inf), aliased(paste0("(", query, ")"), "s1")))
  if (nrow(found) > most) {
    stop_glmpp("pushdown", sprintf("The factors have %s combinations of levels, too many to be summed by.", format(nrow(found), big.mark = ",")),
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
    key = if (variable$is_factor) list(kind = "factor", levels = variable$levels, used = variable$levels, ordered = variable$ordered)
          else list(kind = "text", levels = variable$levels, used = variable$levels)
  )
}

# ---- Moments of the numbers, sums of the response ----

# Squares are taken about a rough mean, from the template's rows, so that none of their digits cancel.
total_response <- function(database, plan, family) {
  columns <- response_columns(plan, database)
  has_weights <- "wt" %in% names(columns)
  wt <- if (has_weights) "wt" else "1"
  logs <- family$family %in% c("Gamma", "inverse.gaussian")
  products <- vapply(plan$multipliers[-1], function(set) multiplier_sql(plan, set), "")
  z <- if (length(products)) structure(products, names = paste0("z", seq_along(products) + 1))
  inner <- complete_query(plan, database, c(columns, if (!is.null(plan$offset)) c(ofs = plan$offset), z))
  rough <- rough_moments(plan)
  centred <- sprintf("(%s - %s) / %s", names(z), quote_number(database, rough$centre), quote_number(database, rough$scale))
  sums <- c("MIN(y)", "MAX(y)", sprintf("SUM(CASE WHEN %s > 0 THEN 1 ELSE 0 END)", wt), sprintf("SUM(%s)", wt), weighted_sum("y", has_weights),
            sprintf("MIN(%s)", wt), sprintf("MAX(%s)", wt), "SUM(CASE WHEN y = 0 OR y = 1 THEN 0 ELSE 1 END)",
            if (!is.null(plan$offset)) c("SUM(ofs)", "MAX(ABS(ofs))") else c("0", "0"),
            if (logs) weighted_sum(spell_functions("LN(CASE WHEN y > 0 THEN y ELSE 1 END)", database), has_weights) else "0",
            if (has_weights && family$family == "gaussian") spell_functions("SUM(CASE WHEN wt > 0 THEN LN(wt) ELSE 0 END)", database) else "0",
            sprintf("MIN(%s)", names(z)), sprintf("MAX(%s)", names(z)), sprintf("AVG(%s)", centred),
            sprintf("SUM(%s * %s)", centred, centred))
  found <- fetch_sums(database, sums, inner)
  names <- c("y_min", "y_max", "effective_rows", "sum_weights", "weighted_y", "wt_min", "wt_max", "fractional", "offset", "offset_max",
             "log_y", "log_weights")
  totals <- as.list(structure(found[seq_along(names)], names = names))
  totals$has_weights <- has_weights
  numbers <- matrix(found[-seq_along(names)], ncol = 4)
  refuse_infinite_numbers(products, numbers, plan)
  spread <- sqrt(pmax(numbers[, 4] / max(totals$effective_rows, 1) - numbers[, 3]^2, 0))
  scale <- rough$scale * ifelse(spread > 0, spread, 1)
  totals$moments <- list(centre = rough$centre + rough$scale * numbers[, 3], scale = scale)
  totals
}

weighted_sum <- function(expression, has_weights) if (has_weights) sprintf("SUM(wt * %s)", expression) else sprintf("SUM(%s)", expression)

rough_moments <- function(plan) {
  values <- lapply(plan$multipliers[-1], function(set) Reduce(`*`, lapply(plan$frame[set], as.double)))
  finite <- lapply(values, function(v) v[is.finite(v)])
  centre <- vapply(finite, function(v) if (length(v)) mean(v) else 0, 0)
  scale <- vapply(finite, function(v) if (length(v) > 1 && stats::sd(v) > 0) stats::sd(v) else 1, 0)
  list(centre = centre, scale = scale)
}

# One row of sums, in as many queries as the engine's column limit asks.
fetch_sums <- function(database, sums, inner) {
  as.vector(fetch_grouped(database, character(), sums, inner)$sums)
}

refuse_infinite_numbers <- function(products, numbers, plan) {
  bad <- which(!is.finite(numbers[, 1]) | !is.finite(numbers[, 2]))
  if (!length(bad)) return(invisible())
  name <- comma(names(plan$variables)[plan$multipliers[-1][[bad[1]]]])
  stop_glmpp("infinite", sprintf("NA/NaN/Inf: column `%s` must be finite.", name), x = "The database has infinite values of it.",
             i = "Was it made by log(0) or a division by zero? Leave such rows out by `subset`.")
}

check_total_response <- function(totals, plan, family) {
  name <- names(plan$variables)[response_column(plan$frame)]
  if (totals$has_weights && !(is.finite(totals$wt_max) && totals$wt_min >= 0)) {
    stop_glmpp("weights", "`weights` must be non-negative and finite.", x = sprintf("They go from %g to %g.", totals$wt_min, totals$wt_max))
  }
  if (!is.finite(totals$offset_max)) stop_glmpp("offset", "`offset` must be finite.", i = "log(0) gives -Inf: is an exposure zero?")
  if (!is.finite(totals$y_min) || !is.finite(totals$y_max)) {
    stop_glmpp("response", sprintf("The response `%s` must be finite: NA/NaN/Inf in 'y'.", name))
  }
  if (is_binomial(family)) refuse_outside_unit(c(totals$y_min, totals$y_max), summarise_numeric_impl(c(totals$y_min, totals$y_max)), NULL, name)
  else check_range(c(totals$y_min, totals$y_max), family, name)
}

# The sums of outline_response(); what depends on the distribution of y alone is computed here from its counts.
outline_of_totals <- function(database, plan, totals, family) {
  saturated <- if (has_additive_likelihood(family) && !(family$family == "binomial" && !totals$has_weights && totals$fractional == 0)) {
    saturated_from_counts(database, plan, totals, family)
  } else 0
  list(effective_rows = totals$effective_rows, sum_weights = totals$sum_weights, weighted_y = totals$weighted_y, level_weights = level_weights(plan, totals),
       log_weights = totals$log_weights, log_y = totals$log_y, saturated = saturated, offset = totals$offset,
       has_offset = !is.null(plan$offset))
}

level_weights <- function(plan, totals) {
  response <- plan$variables[[response_column(plan$frame)]]
  if (response$kind != "key") return(NULL)
  structure(c(totals$sum_weights - totals$weighted_y, totals$weighted_y), names = response$levels)
}

saturated_from_counts <- function(database, plan, totals, family) {
  columns <- response_columns(plan, database)
  keys <- names(columns)
  found <- fetch_query(database, sprintf("SELECT %s, COUNT(*)\nFROM %s\nGROUP BY %s", comma(keys), 
                                         aliased(paste0("(", complete_query(plan, database, columns), ")"), "s1"), comma(keys)))
  y <- as.double(found[[1]])
  weights <- if (totals$has_weights) as.double(found[[2]]) else rep(1, length(y))
  counts <- as.double(found[[length(found)]])
  warn_fractional_counts(y, weights, counts, totals$has_weights, family)
  if (family$family == "binomial") saturated_binomial(y, weights, counts)
  else family$aic(y, rep.int(1, length(y)), pmax(y, 1e-300), counts * weights, 0)
}

warn_fractional_counts <- function(y, weights, counts, has_weights, family) {
  fractional <- if (family$family == "binomial") weights * y else y
  bad <- abs(fractional - round(fractional)) > 1e-3
  if (family$family != "binomial" || !any(bad)) return(invisible())
  warn_glmpp("response", "non-integer #successes in a binomial glm!", x = sprintf("%s.", plural(sum(counts[bad]), "row")),
             i = if (!has_weights) "Are these proportions? Give the numbers of trials as `weights`.",
             i = "For fractional responses `quasibinomial` gives the same coefficients without this warning.")
}
