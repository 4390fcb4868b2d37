# absorb(): factors that a model is adjusted for, and whose levels nobody wants to read.

#' Factors that are kept out of sight
#'
#' `absorb(f)` in a formula of [glmpp()] is the factor `f`: the fit is that of `f` written by itself, to the last digit. Its levels,
#' which may be a hundred thousand, are kept out of what is read: `coef()`, `summary()`, `print()`, `vcov()`, `confint()`, `tidy()` and
#' charts have the other coefficients, with the standard errors that they have in the whole model. `fixef()` gives the levels.
#'
#' @details
#' What econometricians call fixed effects. The largest factor of a model costs little, as its part of the information is diagonal and
#' eliminated (see [glmpp()]); a second one costs the third power of its levels. The intercept, which is the effect of the first level,
#' is kept out of sight with them. `absorb(f):x` are slopes of `x` for each level. Levels are coded by treatment contrasts, whatever
#' `options("contrasts")` says.
#'
#' `fit$coefficients` has all coefficients, and `rank`, `df.residual`, `AIC()` and `model.matrix()` count all of them: `coef(fit,
#' absorbed = TRUE)` and `vcov(fit, which = )` reach them by name. `anova()` and `drop1()` have a line for the term, but for their Wald
#' tests (`vcov = `).
#'
#' A level in which all outcomes are zero (or all are successes, all failures) says nothing of the other coefficients: its effect runs to
#' infinity, with the warning of [separation][glmpp], and the others are those without its rows.
#'
#' @param ... In a formula: a variable, or several, whose combinations are then the levels. From afar it is one; write
#'   `absorb(interaction(a, b))` for two that are factors.
#' @returns `absorb()`: a factor.
#' @seealso [vcov.glmpp()] for standard errors clustered by the levels.
#' @examples
#' fit <- glmpp(breaks ~ wool + absorb(tension), poisson, warpbreaks)
#' fit
#' fixef(fit)
#' vcov(fit, type = "HC1", cluster = ~ tension)
#' @concept fixed effects
#' @concept high-dimensional fixed effects
#' @concept absorbed factors
#' @export
absorb <- function(...) {
  variables <- list(...)
  if (!length(variables)) stop_absorb("It is given none.")
  bad <- which(!vapply(variables, function(x) is.atomic(x) && is.null(dim(x)) && length(x) > 0, NA))
  if (length(bad)) stop_absorb(sprintf("Argument %d is %s.", bad[1], describe_type(variables[[bad[1]]])))
  if (length(unique(lengths(variables))) > 1) stop_absorb(sprintf("They have %s values.", comma(lengths(variables))))
  if (length(variables) > 1) return(interaction(variables, drop = TRUE, sep = ":", lex.order = TRUE))
  made <- if (is.ordered(variables[[1]])) factor(variables[[1]], ordered = FALSE) else as.factor(variables[[1]])
  attr(made, "contrasts") <- NULL
  made
}

stop_absorb <- function(found) {
  stop_glmpp("formula", "absorb() takes variables, each a vector with a value for every row.", x = found,
             i = "As in `y ~ x + absorb(firm) + absorb(year)`.")
}

#' @rdname absorb
#' @param object A fit by [glmpp()] with `absorb()` in its formula.
#' @returns `fixef()`: a list with a named vector for each term that is absorbed, an effect on the linear predictor for each level; a
#'   matrix with a column for each where there are several slopes. The first factor has the intercept in its effects; of the others the
#'   first level, and what is aliased, is zero. Sums over the factors of a row are what matters: which part belongs to which factor is a
#'   convention.
#' @export
fixef <- function(object, ...) UseMethod("fixef")

# Of the other packages that have mixed models, whose generic this one may hide.
#' @export
fixef.default <- function(object, ...) {
  if (!requireNamespace("nlme", quietly = TRUE)) {
    stop_glmpp("argument", sprintf("fixef() has no method for an object of class %s.", dQuote(class(object)[1], FALSE)))
  }
  nlme::fixef(object, ...)
}

#' @rdname absorb
#' @rawNamespace S3method(nlme::fixef, glmpp)
#' @export
fixef.glmpp <- function(object, ...) {
  schema <- .subset2(object, "schema")
  terms <- absorbed_of(schema)
  if (!length(terms)) {
    stop_glmpp("argument", "fixef() gives the levels of absorbed factors, and this fit has none.",
               i = "Write them as in `y ~ x + absorb(firm)`; all coefficients are in `coef(fit)`.")
  }
  beta <- .subset2(object, "coefficients")
  beta <- unname(replace(beta, is.na(beta), 0))
  factors <- vapply(schema$layout[terms], function(term) is_of_levels(term, schema$variables), NA)
  with_intercept <- if (schema$intercept) terms[factors][1] else NA
  effects <- lapply(terms, function(k) level_effects(schema, k, beta, if (k %in% with_intercept) beta[1] else 0))
  names(effects) <- absorbed_names(attr(schema$terms, "term.labels")[terms])
  effects
}

is_of_levels <- function(term, variables) all(vapply(variables[term$variables], is_categorical, NA))

# The coding of the levels times the coefficients.
level_effects <- function(schema, k, beta, constant) {
  offset <- match(k, schema$assign) - 1L
  term <- schema$layout[[k]]
  blocks <- term_blocks(term, schema$variables, offset)$categorical
  effects <- vapply(blocks, function(block) {
    values <- numeric(block$cells)
    if (!is.null(block$contrast_first)) {
      values[block$contrast_first - 1L + seq_along(block$position)] <- beta[block$position]
      return(values + constant)
    }
    column <- rep.int(seq_along(block$position), diff(block$contrast_start))
    sums <- rowsum(block$contrast_value * beta[block$position[column]], block$contrast_row)
    values[as.integer(rownames(sums))] <- sums
    values + constant
  }, numeric(blocks[[1]]$cells))
  members <- schema$variables[term$variables]
  is_factor <- vapply(members, is_categorical, NA)
  levels <- crossed_labels(lapply(members[is_factor], `[[`, "levels"))
  if (length(blocks) == 1) return(named(as.vector(effects), levels))
  matrix(effects, ncol = length(blocks), dimnames = list(levels, crossed_labels(lapply(members[!is_factor], `[[`, "labels"))))
}

# The numbers of the terms with an absorbed factor in them.
absorbed_terms <- function(terms) {
  factors <- attr(terms, "factors")
  if (!length(factors) || !any(all.names(attr(terms, "variables")) == "absorb")) return(integer())
  is_absorbed <- vapply(as.list(attr(terms, "variables"))[-1], is_call_of, NA, "absorb")
  unname(which(colSums(factors[is_absorbed, , drop = FALSE] > 0) > 0))
}

# The same of a schema; those of older fits don't say.
absorbed_of <- function(schema) if (is.null(schema$absorbed)) absorbed_terms(schema$terms) else schema$absorbed

is_absorbed_name <- function(name) grepl("^(glmpp::)?absorb\\(", name)

# "firm" of "absorb(firm)".
absorbed_names <- function(labels) gsub("(glmpp::)?absorb\\(([^()]*)\\)", "\\2", labels)

# The labels of the terms that are not absorbed.
shown_labels <- function(terms) {
  labels <- attr(terms, "term.labels")
  labels[!seq_along(labels) %in% absorbed_terms(terms)]
}

has_absorbed <- function(object) {
  inherits(object, "glmpp") && !inherits(object, "glmpp_categories") && length(absorbed_of(.subset2(object, "schema"))) > 0
}

# The places of the coefficients that are kept out of sight.
absorbed_places <- function(object) {
  schema <- .subset2(object, "schema")
  terms <- absorbed_of(schema)
  if (!length(terms) || !is.null(.subset2(object, "shows_absorbed"))) return(integer())
  is_constant <- any(vapply(schema$layout[terms], is_of_levels, NA, schema$variables))
  which(schema$assign %in% c(if (is_constant) 0L, terms))
}

# NULL: all of them.
shown_places <- function(object) {
  hidden <- absorbed_places(object)
  if (length(hidden)) seq_along(.subset2(object, "coefficients"))[-hidden]
}

# For other packages' methods that go by the terms of the formula.
with_all_shown <- function(object) {
  if (!has_absorbed(object)) return(object)
  structure(c(unclass(object), list(shows_absorbed = TRUE)), class = class(object))
}

# Whether they are shown or not.
all_coefficients <- function(object) if (has_absorbed(object)) .subset2(object, "coefficients") else stats::coef(object)
covariance_of_all <- function(object, ...) {
  if (has_absorbed(object)) stats::vcov(object, absorbed = TRUE, ...) else stats::vcov(object, ...)
}

absorbed_line <- function(object) {
  terms <- absorbed_of(object$schema)
  if (!length(terms)) return(NULL)
  counts <- tabulate(object$schema$assign + 1L, max(terms) + 1L)[terms + 1L]
  labels <- absorbed_names(attr(object$terms, "term.labels")[terms])
  paste("Absorbed:", paste(sprintf("%s (%s)", labels, vapply(counts, plural, "", "coefficient")), collapse = ", "))
}

# `absorb` is found in formulas whether the package is attached or not, on the nodes of a cluster too.
with_absorb <- function(formula) {
  if (!"absorb" %in% all.names(formula)) return(formula)
  envir <- environment(formula)
  if (identical(get0("absorb", envir, mode = "function"), absorb) && !identical(envir, globalenv())) return(formula)
  environment(formula) <- list2env(list(absorb = absorb), parent = envir %||% globalenv())
  formula
}

# Where each level has several coefficients, or a penalty of its own.
refuse_absorbed <- function(formula, what) {
  if (!"absorb" %in% all.names(formula)) return(invisible())
  stop_glmpp("formula", sprintf("absorb() is for fits by glmpp() with one mean a row, not for %s.", what),
             i = "Write the factor without it: `y ~ x + f` in the place of `y ~ x + absorb(f)`.")
}
