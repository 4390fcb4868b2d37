#' Wald tests by a covariance of choice
#'
#' `anova(fit, vcov = )` and `drop1(fit, vcov = )`: for each term, the test that all of its coefficients are zero while the other terms stay
#' in the model, by a robust covariance of the coefficients. `anova(smaller, larger, vcov = )`: the test that the coefficients which the
#' larger model has more are zero. No model is fitted; the covariance takes the passes that [vcov.glmpp()] says.
#'
#' @details With coefficients b of a term, and V their covariance, the statistic is \eqn{b' V^{-1} b} (with the Moore-Penrose inverse
#'   where V is singular, as it may be with few clusters) on as many degrees of freedom as V has rank. Where the dispersion is known it
#'   is held against the chi-squared distribution; where it is estimated, over its degrees of freedom against F with the residual ones;
#'   `test = "Chisq"` or `"F"` says which. Unlike the deviance table of `anova()`, that of one fit is not sequential.
#' @returns A table of class `anova`, with the columns `Df`, `Chisq` (or `F`) and `Pr(>Chisq)` (or `Pr(>F)`); its heading says which covariance.
#' @references Wald, A. (1943) Tests of statistical hypotheses concerning several parameters when the number of observations is large,
#'   *Transactions of the American Mathematical Society* 54, 426-482.
#' @examples
#' fit <- glmpp(breaks ~ wool + tension, poisson, warpbreaks)
#' anova(fit, vcov = "HC3")
#' anova(update(fit, . ~ wool), fit, vcov = "HC3")
#' @name wald_tests
NULL

# `fits`: one, or several of which each has the coefficients of those before it.
wald_anova <- function(fits, test, vcov) {
  if (length(fits) > 1) return(wald_comparison(fits, test, vcov))
  object <- fits[[1]]
  wald_table(object, shown_labels(object$terms), test, vcov, "Wald tests, each term beside all others")
}

# The terms of `scope`, by default those that no other term contains.
wald_drops <- function(object, scope, test, vcov) {
  scope <- if (missing(scope)) intersect(terms_to_drop(object, NULL), shown_labels(object$terms)) else unique(terms_to_drop(object, scope))
  wald_table(object, scope, test, vcov, "Wald tests of single term deletions")
}

wald_table <- function(object, scope, test, vcov, heading) {
  is_large <- !inherits(object, "glmpp_categories") && !has_covariance_matrix(object)
  chosen <- if (!is_large) covariance_to_test(object, vcov)
  estimates <- named_estimates(object)
  of_term <- term_of_estimates(object)
  terms <- match(scope, attr(object$terms, "term.labels"))
  places_of <- function(terms) names(estimates)[of_term %in% terms & !is.na(estimates)]
  few <- 1000
  is_at_once <- is_large && sum(of_term %in% terms) <= few
  if (is_at_once && length(terms)) chosen <- covariance_of_names(object, places_of(terms), vcov)
  tests <- lapply(terms, function(term) {
    places <- places_of(term)
    if (is_large && !is_at_once) {
      check_memory(6 * 8 * as.double(length(places))^2, sprintf("the test of %s at once", plural(length(places), "coefficient")),
                   i = "Compare fits with and without them: `anova(smaller, larger, test = \"Chisq\")`.")
      chosen <<- covariance_of_names(object, places, vcov)
    }
    wald_test(estimates[places], chosen$matrix[places, places, drop = FALSE])
  })
  table <- wald_columns(tests, object, test)
  row.names(table) <- scope
  structure(table, class = c("anova", "data.frame"),
            heading = c(sprintf("%s\n\nCovariance: %s", heading, chosen$label %||% "of the model"), sprintf("Model: %s\n", deparse1(stats::formula(object)))))
}

# The number of the term of each estimate, in the order of vcov(); thresholds have none.
term_of_estimates <- function(object) {
  assign <- object$schema$assign
  if (!inherits(object, "glmpp_categories")) return(assign)
  if (is_ordinal(object$family)) c(assign, rep(-1L, length(object$thresholds))) else rep(assign, nrow(object$coefficients))
}

wald_comparison <- function(fits, test, vcov) {
  check_same_rows_of_any(fits)
  check_same_model(fits)
  # Each once: a function may be costly, or draw.
  made <- list()
  covariances <- function(k) made[[as.character(k)]] %||% (made[[as.character(k)]] <<- covariance_to_test(fits[[k]], vcov))
  tests <- lapply(nested_pairs(fits), function(pair) {
    wald_test(named_estimates(fits[[pair$larger]])[pair$more], covariances(pair$larger)$matrix[pair$more, pair$more, drop = FALSE])
  })
  largest <- which.max(lengths(lapply(fits, known_names)))
  table <- wald_columns(c(list(list(df = NA, statistic = NA)), tests), fits[[largest]], test)
  nested_table(fits, table, sprintf("Wald tests\n\nCovariance: %s", covariances(largest)$label))
}

known_names <- function(fit) names(Filter(Negate(is.na), named_estimates(fit)))

# Each fit with the one before it: which is the larger one, the coefficients of the smaller one, and those that the larger has more.
nested_pairs <- function(fits) {
  known <- lapply(fits, known_names)
  lapply(seq_along(fits)[-1], function(k) {
    pair <- c(k - 1, k)[order(lengths(known[c(k - 1, k)]))]
    refuse_not_nested(known[[pair[1]]], known[[pair[2]]])
    list(larger = pair[2], smaller = known[[pair[1]]], more = setdiff(known[[pair[2]]], known[[pair[1]]]))
  })
}

# Tests of fits, each with the one before it, as a table.
nested_table <- function(fits, columns, heading) {
  formulas <- vapply(fits, function(fit) deparse1(stats::formula(fit)), "")
  structure(cbind("Resid. Df" = vapply(fits, stats::df.residual, 0), columns), class = c("anova", "data.frame"),
            heading = c(heading, paste(sprintf("Model %s: %s", format(seq_along(fits)), formulas), collapse = "\n")))
}

# Of one response, family, link and offset.
check_same_model <- function(fits) {
  parts <- list(response = function(fit) deparse1(stats::formula(fit)[[2]]), family = function(fit) fit$family$family,
                link = function(fit) fit$family$link,
                offset = function(fit) if (!inherits(fit, "glmpp_remote") && is.null(.subset2(fit, "left_out"))) unname(fit$offset))
  for (name in names(parts)) {
    if (length(unique(lapply(fits, parts[[name]]))) == 1) next
    stop_glmpp("argument", sprintf("The models must have the same %s.", name),
               x = if (name != "offset") sprintf("They have %s.", comma(unique(vapply(fits, parts[[name]], "")))))
  }
}

# By the names of their coefficients.
refuse_not_nested <- function(smaller, larger) {
  lost <- setdiff(smaller, larger)
  if (!length(lost)) return(invisible())
  stop_glmpp("argument", "The models must be nested: the larger one must have all coefficients of the smaller one.",
             x = sprintf("It has not %s.", comma(lost)), i = "Compare others by AIC().")
}

check_same_rows_of_any <- function(fits) {
  is_any <- function(class) any(vapply(fits, inherits, NA, class))
  if (is_any("glmpp_categories")) check_comparable(fits) else if (is_any("glmpp_remote")) check_same_count(fits) else check_same_rows(fits)
}

covariance_to_test <- function(object, vcov) {
  chosen_covariance(object, vcov) %||% list(matrix = covariance_of_all(object, complete = FALSE), label = "of the model")
}

# b' V^- b, with the rank of V.
wald_test <- function(b, covariance) {
  if (!length(b)) return(list(df = 0L, statistic = NA_real_))
  scale <- sqrt(pmax(diag(covariance), 0))
  if (!all(is.finite(scale) & scale > 0)) return(list(df = length(b), statistic = NA_real_))
  spectrum <- eigen(covariance / outer(scale, scale), symmetric = TRUE)
  used <- spectrum$values > 1e-10 * max(spectrum$values)
  if (!all(used)) {
    warn_glmpp("covariance", sprintf("The covariance of %s is not positive definite: the test has %d of %d degrees of freedom.", comma(names(b), 4),
                                     sum(used), length(b)),
               i = "With clusters their number must exceed that of the coefficients; in several ways it may happen with more.")
  }
  along <- crossprod(spectrum$vectors[, used, drop = FALSE], b / scale)
  list(df = sum(used), statistic = sum(along^2 / spectrum$values[used]))
}

wald_columns <- function(tests, object, test) {
  test <- if (is.null(test)) if (has_known_dispersion_of_any(object$family)) "Chisq" else "F" else check_choice(test, c("Chisq", "F"), "test")
  df <- vapply(tests, function(test) as.numeric(test$df), 0)
  statistic <- vapply(tests, function(test) as.numeric(test$statistic), 0)
  divisor <- ifelse(df > 0, df, NA)
  if (test == "Chisq") return(data.frame(Df = df, Chisq = statistic, "Pr(>Chisq)" = stats::pchisq(statistic, divisor, lower.tail = FALSE),
                                         check.names = FALSE))
  data.frame(Df = df, F = statistic / divisor, "Pr(>F)" = stats::pf(statistic / divisor, divisor, stats::df.residual(object), lower.tail = FALSE),
             check.names = FALSE)
}
