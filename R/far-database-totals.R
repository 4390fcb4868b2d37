# Moments of the numbers and sums of the response, before the first pass.

# Squares are taken about a rough mean, from the template's rows, so that none of their digits cancel.
total_response <- function(database, plan, family) {
  columns <- response_columns(plan, database)
  has_weights <- "wt" %in% names(columns)
  wt <- if (has_weights) "wt" else "1"
  logs <- reads_log_y(family)
  products <- vapply(plan$multipliers[-1], function(set) multiplier_sql(plan, set), "")
  z <- if (length(products)) structure(products, names = paste0("z", seq_along(products) + 1))
  inner <- complete_query(plan, database, c(columns, if (!is.null(plan$offset)) c(ofs = plan$offset), z))
  rough <- rough_moments(plan)
  centred <- sprintf("(%s - %s) / %s", names(z), quote_number(database, rough$centre), quote_number(database, rough$scale))
  sums <- c("MIN(y)", "MAX(y)", sprintf("SUM(CASE WHEN %s > 0 THEN 1 ELSE 0 END)", wt), sprintf("SUM(%s)", wt),
            weighted_sum("y", has_weights),
            sprintf("MIN(%s)", wt), sprintf("MAX(%s)", wt), "SUM(CASE WHEN y = 0 OR y = 1 THEN 0 ELSE 1 END)",
            if (!is.null(plan$offset)) c("SUM(ofs)", "MAX(ABS(ofs))") else c("0", "0"),
            if (logs) weighted_sum(spell_functions("LN(CASE WHEN y > 0 THEN y ELSE 1 END)", database), has_weights) else "0",
            if (has_weights && reads_log_weights(family)) {
              spell_functions("SUM(CASE WHEN wt > 0 THEN LN(wt) ELSE 0 END)", database)
            } else "0",
            sprintf("MIN(%s)", names(z)), sprintf("MAX(%s)", names(z)), sprintf("AVG(%s)", centred),
            sprintf("SUM(%s * %s)", centred, centred))
  found <- fetch_sums(database, sums, inner)
  names <- c("y_min", "y_max", "effective_rows", "sum_weights", "weighted_y", "wt_min", "wt_max", "fractional", "offset",
             "offset_max", "log_y", "log_weights")
  totals <- as.list(structure(found[seq_along(names)], names = names))
  totals$has_weights <- has_weights
  # As in memory: the logarithm of a weight of 0.
  if (has_weights && reads_log_weights(family) && totals$wt_min == 0) totals$log_weights <- -Inf
  numbers <- matrix(found[-seq_along(names)], ncol = 4)
  refuse_infinite_numbers(products, numbers, plan)
  spread <- sqrt(pmax(numbers[, 4] / max(totals$effective_rows, 1) - numbers[, 3]^2, 0))
  scale <- rough$scale * ifelse(spread > 0, spread, 1)
  totals$moments <- list(centre = rough$centre + rough$scale * numbers[, 3], scale = scale)
  totals
}

weighted_sum <- function(expression, has_weights) sprintf(if (has_weights) "SUM(wt * %s)" else "SUM(%s)", expression)

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
    stop_glmpp("weights", "`weights` must be non-negative and finite.",
               x = sprintf("They go from %g to %g.", totals$wt_min, totals$wt_max))
  }
  if (!is.finite(totals$offset_max)) stop_glmpp("offset", "`offset` must be finite.", i = "log(0) gives -Inf: is an exposure zero?")
  if (!is.finite(totals$y_min) || !is.finite(totals$y_max)) {
    stop_glmpp("response", sprintf("The response `%s` must be finite: NA/NaN/Inf in 'y'.", name))
  }
  refuse_range(totals, family, name)
}

refuse_range <- function(totals, family, name) {
  found <- sprintf("The response `%s` goes from %g to %g.", name, totals$y_min, totals$y_max)
  if (has_trials(family)) {
    if (totals$y_min >= 0 && totals$y_max <= 1) return(invisible())
    stop_glmpp("response", sprintf("y values must be 0 <= y <= 1: the response `%s` is not.", name), x = found,
               i = sprintf("Counts without totals? Write `cbind(%s, total - %s) ~ ...`.", name, name))
  }
  if (totals$y_min <= 0 && native_family(family)$variance %in% c("mu^2", "mu^3") && is_quasi(family)) {
    stop_family_in_sql(family, sprintf("The response `%s` is not positive everywhere, and the deviance has its logarithm.", name))
  }
  range <- of_parameter(family, "range")
  if (is.null(range) || totals$y_min > range$least || (range$reached && totals$y_min == range$least)) return(invisible())
  stop_glmpp("response", sprintf("%s for the '%s' family.", range$text, family$family), x = found,
             i = "Is the response a difference or on a log scale? `gaussian` takes any number.")
}

# The sums of outline_response(); what depends on the distribution of y alone is computed here from its counts.
outline_of_totals <- function(home, totals, family) {
  plan <- home$plan
  is_bernoulli <- has_whole_trials(family) && !totals$has_weights && totals$fractional == 0
  saturated <- if (has_additive_likelihood(family) && !is_bernoulli) saturated_from_counts(responses_of(home), totals, family) else 0
  c(totals[c("effective_rows", "sum_weights", "weighted_y")], list(level_weights = level_weights(plan, totals)),
    totals[c("log_weights", "log_y")], list(saturated = saturated, offset = totals$offset, has_offset = !is.null(plan$offset)))
}

level_weights <- function(plan, totals) {
  response <- plan$variables[[response_column(plan$frame)]]
  if (response$kind != "key") return(NULL)
  structure(c(totals$sum_weights - totals$weighted_y, totals$weighted_y), names = response$levels)
}

saturated_from_counts <- function(responses, totals, family) {
  y <- responses$y
  weights <- responses$weights
  counts <- responses$counts
  warn_fractional_groups(y, weights, counts, totals$has_weights, family)
  trials <- responses$trials %||% weights
  if (has_whole_trials(family) && has_fractions(y, trials)) NA_real_
  else if (has_whole_trials(family)) saturated_binomial(y, trials, counts * ifelse(trials > 0, weights / trials, 0))
  else family$aic(y, rep.int(1, length(y)), pmax(y, 1e-300), counts * weights, 0)
}

# They are fetched once.
responses_of <- function(home) {
  if (is.null(home$responses)) home$responses <- count_responses(home$database, home$plan)
  home$responses
}

# The distinct responses with their weights and, where there are any, numbers of trials; `counts`: of their rows.
count_responses <- function(database, plan) {
  columns <- c(response_columns(plan, database), trials_column(plan))
  keys <- names(columns)
  found <- fetch_query(database, sprintf("SELECT %s, COUNT(*)\nFROM %s\nGROUP BY %s", comma(keys),
                                         as_table(complete_query(plan, database, columns), "s1"), comma(keys)))
  found <- lapply(named(found, c(keys, "counts")), as.double)
  list(y = found$y, weights = found$wt %||% rep(1, length(found$y)), counts = found$counts, trials = found$trials)
}

# Beside weights, the numbers of trials are needed by themselves.
trials_column <- function(plan) {
  response <- plan$variables[[response_column(plan$frame)]]
  v <- names(response$columns)
  if (response$kind == "counts") c(trials = sprintf("(%s + %s)", v[1], v[2]))
}

warn_fractional_groups <- function(y, weights, counts, has_weights, family) {
  fractional <- if (has_whole_trials(family)) weights * y else y
  bad <- abs(fractional - round(fractional)) > 1e-3
  if (!has_whole_trials(family) || !any(bad)) return(invisible())
  warn_glmpp("response", "non-integer #successes in a binomial glm!", x = sprintf("%s.", plural(sum(counts[bad]), "row")),
             i = if (!has_weights) "Are these proportions? Give the numbers of trials as `weights`.",
             i = "For fractional responses `quasibinomial` gives the same coefficients without this warning.")
}
