# Counts with a hurdle: whether a count is above zero, and how large it is then, as two fits by glmpp().

#' Hurdle models of counts
#'
#' Two models of one count: whether it crosses the hurdle at zero, and how large the positive counts are, by zero-truncated Poisson
#' or negative binomial counts ([truncated_poisson()]). The likelihood is the product of theirs, so each is a fit of its own, by
#' [glmpp()], wherever the rows are; together they have what `pscl::hurdle()` gives. Zero *inflation* is another model, which is not
#' here: its zeros come from both parts, so that every row has two linear predictors at once, which the sums of a pass do not have.
#'
#' @param formula `y ~ x`, with the same variables for both parts, or `y ~ x | z`, with those of the zero part after the bar.
#' @param data,subset,na.action,weights As in [glmpp()]; rows are left out where a variable of either part is missing.
#' @param offset Of the count part, as in `pscl::hurdle()`. Offsets of either part can be written in its formula.
#' @param dist Distribution of the positive counts, before truncation: `"poisson"`, `"negbin"` (theta is estimated) or `"geometric"`
#'   (theta is 1); its mean has a log link.
#' @param zero.dist What the hurdle is: `"binomial"`, with `link`; or a count, censored at 1, with a log link: `"poisson"` (the same
#'   as `"binomial"` with link `"cloglog"`), `"geometric"` (the same as link `"logit"`). `"negbin"` is not there: its theta is
#'   hardly ever identified.
#' @param link Link of the binomial zero part.
#' @param ... Other arguments of [glmpp()], for both parts, such as `control`, `contrasts`, `threads` (but `keep`).
#' @returns An object of class `"glmpp_hurdle"`, a list with `count` and `zero`, the two fits, whose weights in the count part are 0
#'   for rows without a count; `coefficients`, a list of the same names; `vcov`, by the observed information of each part (of rows
#'   that a database sums, the expected one, which is the same for logit); `theta` and `SE.logtheta` where it was estimated;
#'   `loglik`, `n`, `df.null`, `df.residual`, `fitted.values` and `residuals` (of rows in memory), `converged`, `dist`, `link`. It
#'   has methods for `coef()` and `vcov()` (with `model = "full"`, `"count"` or `"zero"`), `summary()`, `predict()`, `logLik()`,
#'   `residuals()` (`type = "pearson"` or `"response"`), `fitted()`, `nobs()`, `simulate()`; `AIC()`, `BIC()`, `confint()` and
#'   `update()` follow from these. An error of class `glmpp_error_response` where counts are negative, or none or all are zero.
#' @references Mullahy, J. (1986) Specification and testing of some modified count data models, *Journal of Econometrics* 33,
#'   341-365. Zeileis, A., Kleiber, C. and Jackman, S. (2008) Regression models for count data in R, *Journal of Statistical
#'   Software* 27(8).
#' @examples
#' set.seed(1)
#' visits <- data.frame(age = round(runif(300, 20, 80)), insured = rbinom(300, 1, 0.6))
#' visits$count <- rbinom(300, 1, 0.5) * (1 + rpois(300, visits$age / 40))
#' fit <- hurdle(count ~ age + insured | insured, visits)
#' summary(fit)
#' predict(fit, data.frame(age = 50, insured = 1), type = "prob", at = 0:4)
#' @concept zero inflation
#' @concept excess zeros
#' @concept two-part model
#' @export
hurdle <- function(formula, data, subset, na.action, weights, offset, dist = c("poisson", "negbin", "geometric"),
                   zero.dist = c("binomial", "poisson", "negbin", "geometric"), link = c("logit", "probit", "cloglog", "cauchit", "log"),
                   ...) {
  call <- match.call()
  envir <- parent.frame()
  dist <- check_choice(dist, c("poisson", "negbin", "geometric"), "dist")
  zero_dist <- check_choice(zero.dist, c("binomial", "poisson", "negbin", "geometric"), "zero.dist")
  link <- check_choice(link, c("logit", "probit", "cloglog", "cauchit", "log"), "link")
  if (zero_dist == "negbin") {
    stop_glmpp("argument", "`zero.dist = \"negbin\"` can't be fitted: whether counts are above zero tells next to nothing of its theta.",
               i = "Take \"binomial\", or \"geometric\" (theta is 1).")
  }
  check_hurdle_arguments(names(call))
  formula <- check_formula(formula, envir)
  refuse_absorbed(formula, "hurdle()")
  if (length(formula) != 3) stop_glmpp("formula", "`formula` must have a response.", i = "Write it as `y ~ x` or `y ~ x | z`.")
  formulas <- hurdle_formulas(formula)
  if (missing(data)) data <- environment(formula)
  settings <- list(dist = dist, zero_dist = zero_dist, link = link)
  response <- formula[[2]]
  if (!is_source(data)) {
    for (name in c("weights", "offset")) if (is_null_there(call[[name]], data, environment(formula))) call[[name]] <- NULL
    check_hurdle_counts(response, data, formula, call$subset)
  }
  missing <- incomplete_rows(formulas, call$offset, data)
  weights <- list(count = weights_above(call$weights, response), zero = call$weights)
  if (!is.null(missing)) weights <- lapply(weights, function(own) call("ifelse", missing, NA, if (is.null(own)) 1 else own))
  fits <- list(count = eval(part_call(call, formulas$count, count_family(dist), weights$count, call$offset), envir),
               zero = eval(part_call(call, formulas$zero, zero_family(zero_dist, link), weights$zero, NULL), envir))
  new_hurdle(fits, settings, call, formula, is_source(data))
}

# What both parts can be told.
check_hurdle_arguments <- function(given) {
  known <- c(setdiff(names(formals(hurdle)), "..."), "contrasts", "control", "threads", "singular.ok", "model",
             names(formals(glmpp_control)))
  unknown <- setdiff(given, c("", known))
  if (!length(unknown)) return(invisible())
  stop_glmpp("argument", sprintf("`%s` can't be given to hurdle().", unknown[1]), i = did_you_mean(unknown[1], known),
             i = if (unknown[1] %in% c("penalty", "bias_reduction", "solver")) {
               "Fit the parts by glmpp(): counts above 0 by `truncated_poisson()`, `y > 0` by `binomial`."
             })
}

# A variable that holds NULL.
is_null_there <- function(expression, data, envir) {
  !is.null(expression) && is.null(tryCatch(eval(expression, data, envir), error = function(e) FALSE))
}

# ---- The two parts ----

# In the count part zeros stand as ones, without weight, so that what the formula means is the same for both.
hurdle_formulas <- function(formula) {
  formula[[3]] <- without_brackets(formula[[3]])
  parts <- split_at_bar(formula[[3]])
  if ("|" %in% unlist(lapply(parts, all.names))) {
    stop_glmpp("formula", "`formula` can have one bar, between the variables of the two parts.",
               x = sprintf("It is `%s`.", deparse1(formula)),
               i = "update() knows no bars: give it the whole formula.")
  }
  y <- formula[[2]]
  make <- function(left, right) stats::as.formula(call("~", left, right), environment(formula))
  list(count = make(call("+", y, call("(", call("==", y, 0))), parts[[1]]), zero = make(call("!=", y, 0), parts[[2]]),
       have_bar = is_call_of(formula[[3]], "|"))
}

split_at_bar <- function(right) if (is_call_of(right, "|")) list(right[[2]], right[[3]]) else list(right, right)

# update() puts the whole right side into brackets.
without_brackets <- function(right) {
  while (is_call_of(right, "(") && "|" %in% all.names(right)) right <- right[[2]]
  right
}

count_family <- function(dist) {
  switch(dist, poisson = truncated_poisson(), negbin = truncated_negative_binomial(), geometric = truncated_negative_binomial(1))
}

zero_family <- function(dist, link) stats::binomial(switch(dist, binomial = link, poisson = "cloglog", geometric = "logit"))

weights_above <- function(weights, y) {
  above <- call("(", call("!=", y, 0))
  call("*", if (is.null(weights)) 1 else weights, above)
}

part_call <- function(call, formula, family, weights, offset) {
  passed <- as.list(call)[setdiff(names(call), c("", "formula", "weights", "offset", "dist", "zero.dist", "link"))]
  as.call(c(list(quote(glmpp::glmpp), formula = formula, family = family), passed, weights = weights, offset = offset))
}

# ---- Which rows ----

# The weights are missing where a variable of either part is, so that the NA action leaves the same rows out of both; an expression that any
# home of rows can evaluate. NULL where both parts have the same variables.
incomplete_rows <- function(formulas, offset, data) {
  if (!formulas$have_bar && is.null(offset)) return(NULL)
  conditions <- lapply(part_variables(formulas, offset, data), function(variable) {
    if (is.symbol(variable) && is_source(data)) call("is.na", variable) else call("!", call("complete.cases", variable))
  })
  if (length(conditions)) Reduce(function(a, b) call("|", a, b), conditions)
}

part_variables <- function(formulas, offset, data) {
  if (is_source(data) && "." %in% c(all.vars(formulas$count), all.vars(formulas$zero))) {
    stop_glmpp("formula", "From afar a formula with a bar can't have a dot.", i = "Write its variables out.")
  }
  of_part <- function(formula) {
    terms <- if (is.data.frame(data)) stats::terms(formula, data = data) else stats::terms(formula)
    as.list(attr(stats::delete.response(terms), "variables"))[-1]
  }
  unique(c(of_part(formulas$count), of_part(formulas$zero), offset))
}

check_hurdle_counts <- function(response, data, formula, subset) {
  y <- tryCatch(eval(response, data, environment(formula)), error = function(e) NULL)
  if (is.null(y)) return(invisible())  # glmpp() says what is wrong with it
  name <- deparse1(response)
  if (!is.numeric(y) || is.factor(y) || NCOL(y) != 1) {
    stop_glmpp("response", sprintf("The response `%s` must be a count.", name),
               x = sprintf("It is %s%s.", describe_type(y), if (NCOL(y) != 1) sprintf(" of %d columns", NCOL(y)) else ""))
  }
  used <- rows_in_use(length(y), data, formula, subset)
  bad <- used[is.finite(y[used]) & (y[used] < 0 | y[used] != round(y[used]))]
  if (length(bad)) {
    stop_glmpp("response", sprintf("The response `%s` must be a count: 0, 1, 2, ...", name),
               x = sprintf("It is %s in %s (%s in all).", comma(format(y[utils::head(bad, 5)])), rows_text(bad), format(length(bad))))
  }
  check_both_sides(any(y[used] == 0, na.rm = TRUE), any(y[used] > 0, na.rm = TRUE), name)
}

# Of the subset those that are complete, as far as can be told before the frame is made.
rows_in_use <- function(count, data, formula, subset) {
  rows <- seq_len(count)
  chosen <- tryCatch(eval(subset, data, environment(formula)), error = function(e) NULL)
  if (is.logical(chosen) && length(chosen) == count) rows <- which(chosen)
  else if (is.numeric(chosen)) rows <- tryCatch(rows[chosen], error = function(e) rows)
  else if (is.character(chosen) && is.data.frame(data)) rows <- match(chosen, row.names(data), 0L)
  rows <- rows[!is.na(rows)]
  if (!is.data.frame(data)) return(rows)
  complete <- stats::complete.cases(data[intersect(all.vars(formula), names(data))])
  if (length(complete) == count) rows[complete[rows]] else rows
}

check_both_sides <- function(any_zero, any_count, name) {
  if (any_zero && any_count) return(invisible())
  stop_glmpp("response", sprintf("The response `%s` %s.", name, if (any_zero) "is 0 in every row" else "is never 0: there is no hurdle"),
             i = if (!any_zero) "Take `glmpp()` with `family = truncated_poisson()` or `truncated_negative_binomial()`.")
}

# ---- The object ----

new_hurdle <- function(fits, settings, call, formula, is_far) {
  above <- if (is_far) outline_mean(fits$zero$remote$outline) else mean(fits$zero$y)
  check_both_sides(above < 1, above > 0, deparse1(formula[[2]]))
  estimates_theta <- settings$dist == "negbin"
  warn_without_counts(fits$count)
  covariances <- lapply(fits, part_covariance)
  blocks <- block_diagonal(covariances$count, covariances$zero)
  coefficients <- lapply(fits, stats::coef)
  names <- c(paste0("count_", names(coefficients$count)), paste0("zero_", names(coefficients$zero)))
  dimnames(blocks) <- list(names, names)
  n <- stats::nobs(fits$zero)
  known <- sum(!is.na(unlist(coefficients)))
  theta <- if (estimates_theta) c(count = fits$count$theta)
  hurdle <- list(
    coefficients = coefficients, count = fits$count, zero = fits$zero, vcov = blocks, theta = theta,
    SE.logtheta = if (estimates_theta) c(count = fits$count$SE.theta / fits$count$theta),
    loglik = as.numeric(stats::logLik(fits$count)) + as.numeric(stats::logLik(fits$zero)), n = n, df.null = n - 2,
    df.residual = n - known - estimates_theta, dist = list(count = settings$dist, zero = settings$zero_dist),
    link = if (settings$zero_dist == "binomial") settings$link, terms = lapply(fits, stats::terms),
    converged = fits$count$converged && fits$zero$converged, call = call, formula = formula, na.action = fits$zero$na.action,
    remote = is_far
  )
  if (is_far) {
    hurdle$most <- max(fits$count$remote$outline$response$y_range)
  } else {
    y <- as.vector(fits$count$y) * (fits$zero$y != 0)
    hurdle <- c(hurdle, list(y = named(y, names(fits$zero$y)), weights = fits$zero$prior.weights, most = max(y)))
    hurdle$fitted.values <- hurdle_values(hurdle, fits$count$linear.predictors, fits$zero$fitted.values)$response
    hurdle$residuals <- sqrt(hurdle$weights) * (hurdle$y - hurdle$fitted.values)
  }
  structure(hurdle, class = "glmpp_hurdle")
}

# A column that is 0 wherever there is a count, such as a level with nothing but zeros.
warn_without_counts <- function(count) {
  combinations <- .subset2(count, "aliased")
  empty <- if (!is.null(combinations)) rownames(combinations)[rowSums(combinations != 0) %in% 0]
  if (!length(empty)) return(invisible())
  warn_glmpp("hurdle", sprintf("The count part has no coefficient for %s: it is NA.", comma(empty)),
             x = "There is no count above 0 in those rows.",
             i = "Their means and probabilities are those of the other rows without it. Drop or merge such levels.")
}

# By the observed information, as the likelihood of both parts has it.
part_covariance <- function(fit) {
  tryCatch(stats::vcov(fit, type = "observed"), glmpp_error_covariance = function(e) stats::vcov(fit))
}

block_diagonal <- function(a, b) {
  blocks <- matrix(0, nrow(a) + nrow(b), ncol(a) + ncol(b))
  blocks[seq_len(nrow(a)), seq_len(ncol(a))] <- a
  blocks[nrow(a) + seq_len(nrow(b)), ncol(a) + seq_len(ncol(b))] <- b
  blocks
}

hurdle_theta <- function(object) switch(object$dist$count, poisson = Inf, geometric = 1, negbin = object$theta[["count"]])

# Of linear predictors of the count part and probabilities of a count above zero: the mean before truncation (`count`), what a
# Poisson or negative binomial count with that mean is multiplied with (`zero`), and the mean (`response`).
hurdle_values <- function(object, count_eta, above) {
  count <- exp(count_eta)
  theta <- hurdle_theta(object)
  mean <- zero_truncated_impl(as.double(count_eta), theta, FALSE)$mean
  list(count = count, zero = above / above_zero(count, theta), response = like(count_eta, above * mean), above = above)
}
