# Tables of models with a term less or more than a fit, where stats' own for a glm are not at hand: for fits of categories and from afar.

# The terms that drop1() is asked for; `scope` is NULL for all that may go.
terms_to_drop <- function(object, scope) {
  if (is.null(scope)) return(stats::drop.scope(object))
  known <- attr(object$terms, "term.labels")
  if (!is.character(scope)) {
    scope <- tryCatch(attr(stats::terms(stats::update.formula(object, scope)), "term.labels"), error = stop_scope_of)
  }
  unknown <- setdiff(scope, known)
  if (length(unknown)) stop_scope(unknown, known)
  scope
}

# Those that add1() is asked for.
terms_to_add <- function(object, scope) {
  remedy <- "Name the terms that may come in: `add1(fit, ~ . + x)`."
  if (is.null(scope)) stop_glmpp("argument", "`scope` is missing.", i = remedy)
  if (!is.character(scope)) {
    scope <- tryCatch(stats::add.scope(object, stats::update.formula(object, scope)), error = stop_scope_of)
  }
  if (!length(scope)) stop_glmpp("argument", "`scope` adds no term to the model.", i = remedy)
  scope
}

stop_scope <- function(unknown, known) {
  stop_glmpp("argument", sprintf("`scope` has `%s`, which is no term of the model.", unknown[1]),
             x = sprintf("Its terms are %s.", comma(known)), i = did_you_mean(unknown[1], known))
}

stop_scope_of <- function(error) {
  stop_glmpp("argument", "`scope` must be the labels of terms, or a formula with the terms of the model, such as `~ . + x`.",
             x = conditionMessage(error))
}

update_terms <- function(object, sign, term) stats::update.formula(object, sprintf(". ~ . %s %s", sign, term))

# The numbers of terms among those of a model, which may write `b:a` for `a:b`.
places_of_terms <- function(labels, terms) {
  sorted <- function(labels) vapply(strsplit(labels, ":", fixed = TRUE), function(parts) paste(sort(parts), collapse = ":"), "")
  match(sorted(labels), sorted(attr(terms, "term.labels")))
}

# A line for each model, the fit itself first. `sign`: 1 for models with less, -1 for those with more. `tested`: NULL, or a named
# list of the statistics, which are held against the chi-squared distribution.
candidates_table <- function(object, rank, deviance, aic, scope, heading, sign, tested = NULL) {
  df <- sign * (rank[1] - rank)
  table <- data.frame(Df = c(NA, df[-1]), Deviance = deviance, row.names = c("<none>", scope))
  if (!all(is.na(aic))) table$AIC <- aic
  if (!is.null(tested)) {
    statistic <- pmax(0, tested[[1]])
    table[[names(tested)]] <- c(NA, statistic)
    table[["Pr(>Chi)"]] <- c(NA, stats::pchisq(statistic, ifelse(df[-1] > 0, df[-1], NA), lower.tail = FALSE))
  }
  structure(table, class = c("anova", "data.frame"), heading = c(heading, "\nModel:", deparse(stats::formula(object))))
}
