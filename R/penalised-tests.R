# Likelihood-ratio tests of bias-reduced fits: of the likelihood times a power of the determinant of the information, where that is what
# they maximise. The smaller model is the larger one with coefficients held at zero, whose determinant is that of all columns; Heinze and
# Schemper (2002).

# drop1() of such a fit.
penalised_drops <- function(object, scope, test) {
  if (!test %in% c("none", "LRT", "Chisq")) {
    stop_glmpp("argument", "drop1() of a bias-reduced fit has the test of its penalised likelihood: `test = \"Chisq\"`.", x = sprintf("`test` is \"%s\".", test))
  }
  scope <- unique(terms_to_drop(object, if (!missing(scope)) scope))
  held <- lapply(match(scope, attr(object$terms, "term.labels")), function(term) which(object$schema$assign == term))
  heights <- penalised_heights(object, held)
  df <- vapply(held, function(places) sum(!is.na(object$coefficients[places])), 0L)
  table <- data.frame(Df = c(NA, df), "Penalised deviance" = heights, row.names = c("<none>", scope), check.names = FALSE)
  if (test != "none") table <- cbind(table, penalised_columns(heights[-1] - heights[1], df))
  structure(table, class = c("anova", "data.frame"), heading = c("Single term deletions", "\nModel:", deparse(stats::formula(object))))
}

# anova() of fits of which each has the coefficients of those before it.
penalised_comparison <- function(models) {
  check_same_rows(models)
  check_same_model(models)
  reductions <- vapply(models, function(model) {
    if (is.null(model$bias_reduction)) "maximum likelihood" else format(model$bias_reduction)
  }, "")
  if (length(unique(reductions)) > 1) {
    stop_glmpp("penalty", "anova() compares fits of one kind.", x = sprintf("These are %s.", comma(reductions)), i = "Fit all with the same `bias_reduction`.")
  }
  pairs <- nested_pairs(models)
  statistics <- vapply(pairs, function(pair) {
    larger <- models[[pair$larger]]
    diff(penalised_heights(larger, list(which(!names(larger$coefficients) %in% pair$smaller))))
  }, 0)
  df <- lengths(lapply(pairs, `[[`, "more"))
  columns <- cbind(Df = c(NA, df), penalised_columns(statistics, df))
  nested_table(models, columns, sprintf("Penalised likelihood-ratio tests: %s\n", reductions[1]))
}

penalised_columns <- function(statistic, df) {
  data.frame(LRT = c(NA, statistic), "Pr(>Chi)" = c(NA, stats::pchisq(statistic, ifelse(df > 0, df, NA), lower.tail = FALSE)), check.names = FALSE)
}

# Of the fit, and of its maxima with each of these sets of coefficients held at zero.
penalised_heights <- function(object, held) {
  profile <- open_profile(object)
  estimates <- known_coefficients(object)
  best <- profile$at(estimates)
  heights <- vapply(held, function(places) {
    point <- profile$with_held(places, replace(estimates, places, 0))
    if (is.null(point)) NA_real_ else point$deviance
  }, 0)
  if (anyNA(heights)) warn_glmpp("convergence", "algorithm did not converge for a model with coefficients held at zero: its test is NA.")
  c(if (is.null(best)) NA_real_ else best$deviance, heights)
}

has_penalised_likelihood <- function(object) {
  !is.null(determinant_power(.subset2(object, "bias_reduction"), .subset2(object, "family")))
}
