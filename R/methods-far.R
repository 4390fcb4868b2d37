# What users do with a fit whose rows are elsewhere. What takes sums comes from the fit or from further
# passes; what takes rows is refused, with the way to it.

# The problem of a fit once more, wherever its rows are.
with_problem <- function(object, work) {
  if (!inherits(object, "glmpp_remote")) return(work(problem_of(object)))
  with_far_opener(object, function(open, home) work(open(object$remote$model$family)))
}

# The home of a fit once more, and what makes problems of it for other values of the family's own parameter.
with_far_opener <- function(object, work) {
  remote <- object$remote
  with_home(remote$source, remote$model, function(home) {
    outline <- home$outline()
    if (outline$kept != remote$outline$kept) {
      stop_glmpp("parts", "The data have changed since the fit.",
                 x = sprintf("They have %s now; the fit had %s.", plural(outline$kept, "row"), plural(remote$outline$kept, "row")))
    }
    work(far_opener(home, outline, object$schema, remote$model, plain_settings(settings_of(object))), home)
  })
}

# What a fit ran with, but for its solver.
settings_of <- function(object) {
  c(object$solver$control[setdiff(names(object$solver$control), "threads")], list(threads = object$solver$threads))
}

known_coefficients <- function(object) replace(object$coefficients, is.na(object$coefficients), 0)

#' Methods for fits to rows that are elsewhere
#'
#' A fit by [glmpp()] to [chunks()], files, a cluster or a database holds sums, not rows. `coef()`, `summary()`,
#' `logLik()`, `AIC()`, `BIC()`, `nobs()`, `deviance()`, `formula()`, `update()`, `step()` and `predict()` on new data work
#' as for a fit to a data frame, [vcov()][vcov.glmpp] with one pass more for a robust one; the methods here read the rows
#' again. Residuals, fitted values, leverages, plots and
#' the model frame need rows: they stop with an error of class `glmpp_error_rows`.
#'
#' `drop1()`, `add1()` and `anova()` of one fit hold columns of one open problem on the rows of the fit, and begin next to the end:
#' after a look at the rows, two to four passes a model. Their tables are those of a fit in memory. Models are fitted anew, one after
#' the other, where a family estimates a parameter of its own (they are then compared by their likelihoods, and not by `"F"`), and
#' for `add1()` on the rows that all terms of `scope` have, where these have missing values, or where a factor would be coded
#' otherwise beside all of them. Penalised fits are refused by an error of class `glmpp_error_penalty`.
#'
#' @param object A fit by [glmpp()] to a source of rows.
#' @param dispersion,vcov,contrasts For `confint()` and `summary()`, as in [confint.glmpp()].
#' @param parm,level As in [stats::confint()].
#' @param method `"wald"`; `"profile"`: the interval of the likelihood ratio, by some passes for each end; `"score"`: that of the score test, by
#'   some fits for each end.
#' @param refit For `add1()`: FALSE for the score tests (`test = "Rao"`) of all terms by one pass, without a fit.
#' @param ... More fits for `anova()`; nothing else.
#' @param test A test for `anova()`: `"Chisq"`, `"LRT"`, `"F"`, `"Cp"`, `"Rao"` (of one fit), or `FALSE` for none. By default
#'   `"Chisq"` when the dispersion is known, `"F"` when it is estimated. For `drop1()` and `add1()` `"none"`, `"Chisq"`, `"LRT"`, `"F"`
#'   or `"Rao"`, the score test, at one pass more a model.
#' @returns `confint()` a matrix with two columns, `anova()`, `drop1()` and `add1()` a table of class `anova`. For one
#'   fit the table has a line per term; with `vcov` it has Wald tests, see [wald_tests]. `add1()` warns by class
#'   `glmpp_warning_rows` where terms of `scope` have missing values in rows of the fit.
#' @examples
#' first <- TRUE
#' next_chunk <- function(reset) {
#'   if (reset) return(invisible(first <<- TRUE))
#'   if (first) { first <<- FALSE; mtcars }
#' }
#' fit <- glmpp(am ~ wt, binomial, data = chunks(next_chunk))
#' confint(fit)
#' @name glmpp_remote
NULL

#' @export
summary.glmpp_remote <- function(object, dispersion = NULL, vcov = NULL, ...) {
  refuse_unknown(substitute(list(...)), "summary", summary.glmpp_remote)
  new_summary(object, dispersion, NA_real_, vcov)
}

#' @export
print.glmpp_remote <- function(x, digits = max(3L, getOption("digits") - 3L), ...) {
  cat("\nCall:  ", paste(deparse(x$call), collapse = "\n"), "\n\n", sep = "")
  shown <- unclass(x)
  shown$coefficients <- coef(x)
  if (length(shown$coefficients)) {
    cat("Coefficients:\n")
    show <- function(fit) print.default(format(fit$coefficients, digits = digits), print.gap = 2, quote = FALSE)
    if (!print_shortened(shown, show)) show(shown)
  } else {
    cat("No coefficients\n\n")
  }
  cat(sprintf("\nDegrees of Freedom: %d Total (i.e. Null);  %d Residual\n", x$df.null, x$df.residual))
  if (nzchar(omitted <- stats::naprint(x$na.action))) cat("  (", omitted, ")\n", sep = "")
  number <- function(value) format(signif(value, digits))
  cat("Null Deviance:\t    ", number(x$null.deviance), "\nResidual Deviance: ", number(x$deviance), "\tAIC: ", number(x$aic), "\n", sep = "")
  print_state(x)
  invisible(x)
}

#' @export
naprint.glmpp_omitted <- function(x, ...) {
  naprint(structure(x, class = "omit"))
}

#' @export
family.glmpp_remote <- function(object, ...) object$family

#' @export
formula.glmpp_remote <- function(x, ...) stats::formula(x$terms)

#' @export
deviance.glmpp_remote <- function(object, ...) object$deviance

#' @export
nobs.glmpp_remote <- function(object, ...) object$df.residual + object$rank

#' @export
logLik.glmpp_remote <- function(object, ...) {
  df <- object$rank + has_estimated_likelihood_dispersion(object$family) + has_estimated_parameter(object)
  structure(df - object$aic / 2, nobs = object$nobs, df = df, class = "logLik")
}

#' @export
extractAIC.glmpp_remote <- function(fit, scale = 0, k = 2, ...) {
  edf <- fit$nobs - fit$df.residual
  c(edf, fit$aic - 2 * has_estimated_parameter(fit) + (k - 2) * edf)
}

#' @rdname glmpp_remote
#' @export
confint.glmpp_remote <- function(object, parm, level = 0.95, method = c("wald", "profile", "score"), dispersion = NULL,
                                 vcov = NULL, contrasts = NULL, ...) {
  if (identical(method, "bootstrap")) check_replicable(object, "The bootstrap")
  refuse_unknown(substitute(list(...)), "confint", confint.glmpp_remote)
  method <- check_choice(method, c("wald", "profile", "score"), "method")
  if (!missing(parm)) refuse_with("contrasts", c(parm = !is.null(contrasts)))
  parm <- if (missing(parm)) names(coef(object)) else parm
  dispersion <- given_dispersion(dispersion, object)
  of <- function(object, ...) {
    if (is.null(contrasts)) confint.glmpp(object, parm, level, method, dispersion, ...)
    else confint.glmpp(object, level = level, method = method, dispersion = dispersion, contrasts = contrasts, ...)
  }
  if (method == "wald") return(of(object, vcov = vcov))
  if (!is.null(vcov)) stop_glmpp("argument", "`vcov` goes with `method = \"wald\"`.")
  with_problem(object, function(problem) {
    of(structure(c(unclass(object), list(problem = problem)), class = class(object)))
  })
}

#' @rdname glmpp_remote
#' @export
anova.glmpp_remote <- function(object, ..., test = NULL, vcov = NULL) {
  fits <- list(...)
  refuse_other_than_models(substitute(list(...)), fits, anova.glmpp_remote, "glmpp_remote")
  if (!is.null(vcov)) return(wald_anova(c(list(object), fits), test, vcov))
  models <- c(list(object), fits)
  for (model in models) refuse_errors(model, "anova()")
  if (length(fits) && any(vapply(models, has_estimated_parameter, NA))) {
    check_same_count(models)
    return(compare_estimated(models))
  }
  if (!length(fits)) refuse_unpenalised_models(object, "anova() of one fit")
  for (model in models) if (!is.null(model$bias_reduction)) refuse_unpenalised_models(model, "anova() from afar")
  by_score <- identical(test, "Rao")
  if (by_score && length(fits)) {
    stop_glmpp("argument", "`test = \"Rao\"` from afar is for one fit, whose terms share its problem.",
               i = "`anova(larger, test = \"Rao\")`, or `drop1(larger, test = \"Rao\")`.")
  }
  table <- if (length(fits)) compare_models(models) else compare_terms(object, by_score)
  largest <- models[[which.min(vapply(models, `[[`, 0L, "df.residual"))]]
  if (is.null(test)) test <- if (has_known_dispersion(largest$family)) "Chisq" else "F"
  if (isFALSE(test)) return(table)
  scale <- summary(largest)$dispersion
  df_scale <- if (has_known_dispersion(largest$family)) Inf else largest$df.residual
  tested <- stats::stat.anova(table, check_choice(test, c("Chisq", "LRT", "F", "Cp", "Rao"), "test"), scale, df_scale, largest$nobs)
  structure(tested, heading = attr(table, "heading"), class = class(table))
}

check_same_count <- function(fits) {
  rows <- vapply(fits, `[[`, 0, "nobs")
  if (length(unique(rows)) > 1) {
    stop_glmpp("parts", "The models must be fitted to the same rows.", x = sprintf("They have %s rows.", comma(rows)),
               i = "Do missing values of some variable differ? Leave those rows out of all by `subset`.")
  }
}

compare_models <- function(fits) {
  check_same_count(fits)
  df <- vapply(fits, `[[`, 0L, "df.residual")
  deviances <- vapply(fits, `[[`, 0, "deviance")
  table <- data.frame(df, deviances, c(NA, -diff(df)), c(NA, -diff(deviances)))
  dimnames(table) <- list(seq_along(fits), c("Resid. Df", "Resid. Dev", "Df", "Deviance"))
  formulas <- vapply(fits, function(fit) deparse1(stats::formula(fit)), "")
  structure(table, heading = c("Analysis of Deviance Table\n",
                               paste(sprintf("Model %s: %s", format(seq_along(fits)), formulas), collapse = "\n")),
            class = c("anova", "data.frame"))
}

# Terms added one after the other: the models with the first columns only.
compare_terms <- function(object, by_score = FALSE) {
  assign <- object$schema$assign
  terms <- seq_len(max(0L, assign))
  smaller <- if (by_score) terms - 1L else terms[-length(terms)]
  if (by_score && !has_far_candidates(object)) refuse_far_scores("Rao")
  steps <- if (length(smaller)) with_far_candidates(object, "Terms added in turn", function(fit, score) lapply(smaller, function(term) {
    model <- fit(which(assign <= term))
    if (by_score) model$score <- score(model, which(assign <= term + 1L))
    model
  }))
  scores <- vapply(if (by_score) steps, `[[`, 0, "score")
  if (by_score) steps <- steps[-1]
  null_rank <- as.integer(object$schema$intercept)
  rank <- c(null_rank, vapply(steps, `[[`, 0L, "rank"), object$rank)
  deviances <- c(object$null.deviance, vapply(steps, `[[`, 0, "deviance"), object$deviance)
  table <- data.frame(c(NA, diff(rank)), c(NA, -diff(deviances)), stats::nobs(object) - rank, deviances)
  dimnames(table) <- list(c("NULL", attr(object$terms, "term.labels")), c("Df", "Deviance", "Resid. Df", "Resid. Dev"))
  if (by_score) table$Rao <- c(NA, scores)
  structure(table, class = c("anova", "data.frame"),
            heading = sprintf("Analysis of Deviance Table\n\nModel: %s, link: %s\n\nResponse: %s\n\nTerms added sequentially (first to last)\n\n",
                              object$family$family, object$family$link, deparse1(stats::formula(object)[[2]])))
}

#' Predictions from a fit to rows that are elsewhere
#'
#' @param object A fit by [glmpp()] to a source of rows.
#' @param newdata A data frame, for predictions as by [predict.glmpp()]; or a source such as [csv_chunks()],
#'   whose chunks are predicted one after the other.
#' @param ... Arguments to [predict.glmpp()]: `type` (`"link"` or `"response"`), `se.fit`, `dispersion`, `na.action`, `new_levels`.
#' @param into For a source: the name of a new file of comma-separated values to write the predictions to; or a function of a chunk's
#'   predictions and its data frame, called for its effect; or NULL to return all predictions together.
#' @returns What [predict.glmpp()] returns, in the order of the rows; with `into`, the number of rows, invisibly.
#' @examples
#' file <- tempfile(fileext = ".csv")
#' write.csv(mtcars, file, row.names = FALSE)
#' fit <- glmpp(am ~ wt, binomial, data = csv_chunks(file))
#' predict(fit, data.frame(wt = 3), type = "response")
#' predict(fit, csv_chunks(file, rows = 10), type = "response", into = function(p, part) print(sum(p)))
#' @export
predict.glmpp_remote <- function(object, newdata = NULL, ..., into = NULL) {
  if (is.null(newdata)) stop_needs_rows("predict() without `newdata`", i = "`newdata` may be the source of the fit itself.")
  if (identical(list(...)$type, "terms")) stop_needs_rows("predict(type = \"terms\")", x = "It centres terms by their means over the rows.")
  if (!is_source(newdata)) return(NextMethod())
  deliver <- new_delivery(into)
  reader <- open_reader(newdata, predictor_columns(object))
  on.exit(reader$close())
  repeat {
    part <- reader$next_part()
    if (is.null(part)) return(deliver$end())
    deliver$add(in_part(attr(part, "label"), predict.glmpp(object, part, ...)), part)
  }
}

predictor_columns <- function(object) {
  expressions <- list(stats::delete.response(object$terms), object$call$offset)
  unique(unlist(lapply(expressions, function(e) if (!is.null(e)) all.vars(e))))
}

# Where the predictions of chunks go.
new_delivery <- function(into) {
  rows <- 0
  kept <- list()
  if (is.character(into) && file.exists(into)) {
    stop_glmpp("argument", "`into` must be the name of a new file.", x = sprintf("%s exists.", dQuote(into, FALSE)))
  }
  if (!is.null(into) && !is.function(into) && !(is.character(into) && length(into) == 1)) {
    stop_glmpp("argument", "`into` must be the name of a file, a function or NULL.", x = sprintf("It is %s.", describe_type(into)))
  }
  table_of <- function(prediction) {
    if (is.list(prediction)) data.frame(fit = prediction$fit, se.fit = prediction$se.fit) else data.frame(fit = prediction)
  }
  list(
    add = function(prediction, part) {
      if (is.null(into)) kept <<- c(kept, list(prediction))
      else if (is.function(into)) into(prediction, part)
      else utils::write.table(table_of(prediction), into, append = rows > 0, col.names = rows == 0, row.names = FALSE, sep = ",")
      rows <<- rows + nrow(part)
    },
    end = function() {
      if (!is.null(into)) return(invisible(rows))
      if (!length(kept) || !is.list(kept[[1]])) return(unname(unlist(kept)))
      list(fit = unname(unlist(lapply(kept, `[[`, "fit"))), se.fit = unname(unlist(lapply(kept, `[[`, "se.fit"))),
           residual.scale = kept[[1]]$residual.scale)
    }
  )
}
