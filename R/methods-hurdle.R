# What a hurdle() fit answers.

hurdle_models <- c("full", "count", "zero")

#' @export
coef.glmpp_hurdle <- function(object, model = c("full", "count", "zero"), ...) {
  refuse_unknown(substitute(list(...)), "coef", coef.glmpp_hurdle)
  model <- check_choice(model, hurdle_models, "model")
  if (model != "full") return(object$coefficients[[model]])
  named(unlist(object$coefficients, use.names = FALSE), rownames(object$vcov))
}

#' @export
vcov.glmpp_hurdle <- function(object, model = c("full", "count", "zero"), ...) {
  refuse_unknown(substitute(list(...)), "vcov", vcov.glmpp_hurdle)
  model <- check_choice(model, hurdle_models, "model")
  if (model == "full") return(object$vcov)
  own <- startsWith(rownames(object$vcov), paste0(model, "_"))
  names <- names(object$coefficients[[model]])
  structure(object$vcov[own, own, drop = FALSE], dimnames = list(names, names))
}

#' @export
logLik.glmpp_hurdle <- function(object, ...) {
  refuse_unknown(substitute(list(...)), "logLik", logLik.glmpp_hurdle)
  structure(object$loglik, df = object$n - object$df.residual, nobs = object$n, class = "logLik")
}

#' @export
nobs.glmpp_hurdle <- function(object, ...) object$n

#' @export
terms.glmpp_hurdle <- function(x, model = c("count", "zero"), ...) x$terms[[check_choice(model, hurdle_models[-1], "model")]]

#' @export
fitted.glmpp_hurdle <- function(object, ...) {
  refuse_unknown(substitute(list(...)), "fitted", fitted.glmpp_hurdle)
  if (object$remote) stop_needs_rows("fitted()")
  stats::napredict(object$na.action, object$fitted.values)
}

#' @export
residuals.glmpp_hurdle <- function(object, type = c("pearson", "response"), ...) {
  refuse_unknown(substitute(list(...)), "residuals", residuals.glmpp_hurdle)
  type <- check_choice(type, c("pearson", "response"), "type")
  if (object$remote) stop_needs_rows("residuals()")
  values <- object$residuals
  if (type == "pearson") {
    parts <- hurdle_values(object, object$count$linear.predictors, object$zero$fitted.values)
    values <- values / sqrt(parts$response * (1 + (1 - parts$zero + 1 / hurdle_theta(object)) * parts$count))
  }
  stats::naresid(object$na.action, values)
}

#' Predictions of a hurdle model
#'
#' @param object A fit by [hurdle()].
#' @param newdata A data frame; without it, the rows of the fit.
#' @param type `"response"`: the mean; `"prob"`: the probabilities of counts, a matrix with a row for each row of the data;
#'   `"count"`: the mean of the count part before truncation; `"zero"`: the ratio of the probabilities of a count above zero, of
#'   the zero part to the count part before truncation. The response is count times zero, as in `pscl::hurdle()`.
#' @param at For `"prob"`: whole numbers from 0 on; by default 0 to the largest count of the data.
#' @param ... Passed to [predict.glmpp()], such as `new_levels`.
#' @returns A vector, or for `"prob"` a matrix.
#' @export
predict.glmpp_hurdle <- function(object, newdata, type = c("response", "prob", "count", "zero"), at = NULL, ...) {
  refuse_unknown(substitute(list(...)), "predict", predict.glmpp_hurdle, c("new_levels", "na.action"))
  type <- check_choice(type, c("response", "prob", "count", "zero"), "type")
  if (missing(newdata)) {
    if (object$remote) stop_needs_rows("predict() without `newdata`")
    values <- hurdle_values(object, object$count$linear.predictors, object$zero$fitted.values)
  } else {
    values <- hurdle_values(object, stats::predict(object$count, newdata, type = "link", ...),
                            stats::predict(object$zero, newdata, type = "response", ...))
  }
  found <- if (type == "prob") hurdle_probabilities(object, values, check_counts_at(at %||% 0:object$most)) else values[[type]]
  if (missing(newdata)) stats::napredict(object$na.action, found) else found
}

hurdle_probabilities <- function(object, values, at) {
  theta <- hurdle_theta(object)
  columns <- lapply(at, function(k) {
    if (k == 0) 1 - values$above else values$above * exp(truncated_log_density(rep(k, length(values$count)), values$count, theta))
  })
  matrix(unlist(columns), ncol = length(at), dimnames = list(names(values$count), at))
}

check_counts_at <- function(at) {
  if (is.numeric(at) && length(at) && all(is.finite(at) & at >= 0 & at == round(at))) return(at)
  stop_glmpp("argument", "`at` must be whole numbers from 0 on.", x = sprintf("It is %s.", value_text(at)))
}

#' @export
simulate.glmpp_hurdle <- function(object, nsim = 1, seed = NULL, ...) {
  refuse_unknown(substitute(list(...)), "simulate", simulate.glmpp_hurdle)
  if (object$remote) stop_needs_rows("simulate()")
  with_seed_state(seed, nsim, function() {
    count <- length(object$fitted.values)
    draws <- replicate(nsim, {
      above <- stats::runif(count) < object$zero$fitted.values
      above * draw_truncated(exp(object$count$linear.predictors), hurdle_theta(object))
    }, simplify = FALSE)
    structure(draws, names = paste0("sim_", seq_len(nsim)), row.names = names(object$fitted.values), class = "data.frame")
  })
}

# As the simulate() methods of stats treat `seed`.
with_seed_state <- function(seed, nsim, draw) {
  if (!exists(".Random.seed", envir = .GlobalEnv, inherits = FALSE)) stats::runif(1)
  before <- get(".Random.seed", envir = .GlobalEnv)
  state <- before
  if (!is.null(seed)) {
    set.seed(seed)
    state <- structure(seed, kind = as.list(RNGkind()))
    on.exit(assign(".Random.seed", before, envir = .GlobalEnv))
  }
  structure(draw(), seed = state)
}

#' @export
summary.glmpp_hurdle <- function(object, ...) {
  refuse_unknown(substitute(list(...)), "summary", summary.glmpp_hurdle)
  table <- function(model) {
    estimate <- object$coefficients[[model]]
    error <- sqrt(diag(vcov.glmpp_hurdle(object, model)))
    known <- !is.na(estimate)
    estimate <- estimate[known]
    error <- error[known]
    if (model == "count" && !is.null(object$theta)) {
      estimate <- c(estimate, "Log(theta)" = log(object$theta[["count"]]))
      error <- c(error, object$SE.logtheta[["count"]])
    }
    coefficient_table(estimate, error, FALSE, object$df.residual)
  }
  kept <- object[c("call", "dist", "link", "theta", "loglik", "n", "df.residual", "converged", "vcov")]
  structure(c(kept, list(coefficients = list(count = table("count"), zero = table("zero")),
                         aliased_as = lapply(object[c("count", "zero")], function(fit) fit$aliased),
                         separation = lapply(object[c("count", "zero")], function(fit) fit$separation))),
            class = "summary.glmpp_hurdle")
}

zero_words <- function(x) {
  if (x$dist$zero == "binomial") sprintf("binomial with %s link", x$link) else sprintf("censored %s with log link", x$dist$zero)
}

print_hurdle_call <- function(x) cat("\nCall:", paste(deparse(x$call), collapse = "\n"), "", sep = "\n")

#' @export
print.summary.glmpp_hurdle <- function(x, digits = max(3L, getOption("digits") - 3L), ...) {
  print_hurdle_call(x)
  if (!x$converged) cat("A part did not converge: see its fit, `$count` or `$zero`.\n\n")
  cat(sprintf("Count model coefficients (truncated %s with log link):\n", x$dist$count))
  stats::printCoefmat(x$coefficients$count, digits = digits, signif.legend = FALSE)
  cat(sprintf("\nZero hurdle model coefficients (%s):\n", zero_words(x)))
  stats::printCoefmat(x$coefficients$zero, digits = digits)
  if (!is.null(x$theta)) cat(sprintf("\nTheta: %s\n", format(signif(x$theta[["count"]], digits))))
  for (part in names(x$aliased_as)) {
    if (!is.null(x$aliased_as[[part]])) cat(paste0(part, " part: ", alias_lines(x$aliased_as[[part]])), sep = "\n")
  }
  for (part in names(x$separation)) {
    if (!is.null(x$separation[[part]])) cat(sprintf("%s part: %s\n", part, separation_line(x$separation[[part]])))
  }
  cat(sprintf("\nLog-likelihood: %s on %d Df\n\n", formatC(x$loglik, digits = digits + 2), x$n - x$df.residual))
  invisible(x)
}

#' @export
print.glmpp_hurdle <- function(x, digits = max(3L, getOption("digits") - 3L), ...) {
  print_hurdle_call(x)
  show <- function(title, values) {
    cat(title, "\n", sep = "")
    print.default(format(values, digits = digits), print.gap = 2, quote = FALSE)
    cat("\n")
  }
  show(sprintf("Count model coefficients (truncated %s with log link):", x$dist$count), x$coefficients$count)
  if (!is.null(x$theta)) cat(sprintf("Theta = %s\n\n", format(signif(x$theta[["count"]], digits))))
  show(sprintf("Zero hurdle model coefficients (%s):", zero_words(x)), x$coefficients$zero)
  invisible(x)
}

# What one model has, and two have not.

#' @export
model.frame.glmpp_hurdle <- function(formula, ...) stop_of_part("model.frame()")

#' @export
model.matrix.glmpp_hurdle <- function(object, ...) stop_of_part("model.matrix()")

#' @export
deviance.glmpp_hurdle <- function(object, ...) stop_of_part("deviance()")

#' @export
family.glmpp_hurdle <- function(object, ...) stop_of_part("family()")

#' @export
drop1.glmpp_hurdle <- function(object, scope, ...) stop_of_part("drop1()", "Compare fits by their `logLik()` or `AIC()`.")

#' @export
add1.glmpp_hurdle <- function(object, scope, ...) stop_of_part("add1()", "Compare fits by their `logLik()` or `AIC()`.")

#' @export
anova.glmpp_hurdle <- function(object, ...) stop_of_part("anova()", "Compare fits by their `logLik()` or `AIC()`.")

stop_of_part <- function(what, remedy = "Ask the part that is meant: `fit$count` or `fit$zero`.") {
  stop_glmpp("hurdle", sprintf("%s is of one model, and a hurdle model has two parts.", what), i = remedy)
}
