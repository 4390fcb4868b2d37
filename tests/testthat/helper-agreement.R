# Agreement with stats::glm(). At default control both stop short of the fixed point, each in its own
# place: a number agrees when the two are close, or when ours is the closer one to the fixed point.

agreement_limits <- list(default = 1e-7, tight = 1e-9)

# One row for each fit that was compared.
agreement_record <- new.env(parent = emptyenv())
agreement_record$fits <- list()

# Takes glm()'s arguments. Everything in `...` goes to both; `label` names the fit in messages.
expect_agrees_with_glm <- function(formula, family = gaussian, data, ..., label = NULL) {
  call <- match.call()
  call$label <- NULL
  if (is.null(label)) label <- deparse1(as.call(c(as.name("glm"), as.list(call)[-1])), width.cutoff = 200)
  if (!missing(data)) data <- force(data)
  envir <- parent.frame()
  theirs <- refit_with(call, quote(stats::glm), envir)
  ours <- attempt(refit_with(call, quote(glmpp::glmpp), envir))
  tight <- attempt(refit_with(call, quote(glmpp::glmpp), envir, epsilon = 1e-14, maxit = 100))
  if (!theirs$converged) return(testthat::fail(paste0(label, ": glm() itself did not converge.")))
  failed <- Filter(is_failure, list(ours, tight))
  if (length(failed)) return(testthat::fail(paste0(label, ": ", failed[[1]]$message)))

  new_rows <- if (!missing(data) && is.data.frame(data)) usable_rows(theirs, shuffled_subset(data))
  comparison <- compare_fits(ours, tight, theirs, converged_glm_of(theirs), new_rows)
  problems <- c(unequal_labels(ours, theirs, new_rows), too_far(comparison))
  record_agreement(label, comparison, theirs, length(problems))
  testthat::expect(!length(problems), paste0(label, ":\n", paste0("  ", problems, collapse = "\n")))
  invisible(list(glmpp = ours, glm = theirs, comparison = comparison))
}

refit_with <- function(call, fitter, envir, ...) {
  call[[1]] <- fitter
  extra <- list(...)
  call[names(extra)] <- extra
  suppressWarnings(eval(call, envir))
}

attempt <- function(expression) {
  tryCatch(expression, error = function(e) structure(list(message = conditionMessage(e)), class = "failure"))
}

is_failure <- function(value) inherits(value, "failure")

shuffled_subset <- function(data) {
  count <- nrow(data)
  data[order((seq_len(count) * 7919) %% 104729)[seq_len(min(count, max(3, count %/% 2)))], , drop = FALSE]
}

# No rows when predict.glm() can't read them and answers with the rows of the fit.
usable_rows <- function(fit, rows) {
  ignored <- FALSE
  attempt(withCallingHandlers(predict(fit, rows), warning = function(w) {
    ignored <<- ignored || grepl("newdata", conditionMessage(w))
    invokeRestart("muffleWarning")
  }))
  if (!ignored) rows
}

# ---- The fixed point ----

# The default glm iterated until the linear predictor rests. On the columns that are not aliased: at a
# tiny epsilon glm()'s rank tolerance, epsilon / 1000, is below rounding.
converged_glm_of <- function(fit) {
  kept <- which(!is.na(coef(fit)))
  if (!length(kept)) return(fit)
  x <- suppressWarnings(model.matrix(fit))[, kept, drop = FALSE]
  has_intercept <- attr(stats::terms(fit), "intercept") > 0
  exact <- fixed_point(fit, x, has_intercept, fit$linear.predictors)
  if (has_intercept && !is.null(fit$offset)) {
    null <- fixed_point(fit, x[, 1, drop = FALSE], TRUE, fit$linear.predictors)
    exact$null.deviance <- null$deviance
  }
  exact$aic <- fit$family$aic(fit$y, trials_of(fit), exact$fitted.values, fit$prior.weights, exact$deviance) + 2 * exact$rank
  exact$coefficients <- replace(coef(fit), kept, exact$coefficients)
  exact$qr <- with_aliased_columns(exact, kept, suppressWarnings(model.matrix(fit)))
  exact$converged <- TRUE
  exact$family <- fit$family
  fit[names(exact)] <- exact
  fit
}

# The decomposition of all columns, the aliased ones last: since R 4.3 predict() looks at them too.
with_aliased_columns <- function(exact, kept, x) {
  qr <- exact$qr
  aliased <- setdiff(seq_len(ncol(x)), kept)
  used <- exact$weights > 0
  qr$qr <- cbind(qr$qr, qr.qty(qr, sqrt(exact$weights[used]) * x[used, aliased, drop = FALSE]))
  qr$qraux <- c(qr$qraux, numeric(length(aliased)))
  qr$pivot <- c(kept[qr$pivot], aliased)
  qr
}

trials_of <- function(fit) {
  response <- model.response(model.frame(fit), "any")
  if (is.matrix(response) && ncol(response) == 2) rowSums(response) else rep(1, length(fit$y))
}

fixed_point <- function(fit, x, intercept, eta, rounds = 200) {
  # `y` is as the family has it already.
  if (!is.null(eta)) fit$family$initialize <- expression(n <- rep.int(1, nobs))
  for (round in seq_len(rounds)) {
    exact <- suppressWarnings(glm.fit(x, fit$y, fit$prior.weights, etastart = eta, offset = fit$offset,
                                      family = fit$family, intercept = intercept,
                                      control = glm.control(epsilon = 1e-14, maxit = 200)))
    movement <- if (is.null(eta)) Inf else max(abs(exact$linear.predictors - eta)) / max(abs(exact$linear.predictors), 1e-300)
    eta <- exact$linear.predictors
    if (movement < 1e-15 || (round > 20 && movement < 1e-13)) break
  }
  exact
}

# What anova.glm() lists, from fixed points of the nested models.
nested_deviances <- function(fit) {
  x <- suppressWarnings(model.matrix(fit))
  term <- attr(x, "assign")
  kept <- !is.na(coef(fit))
  has_intercept <- attr(stats::terms(fit), "intercept") > 0
  terms <- max(0, term)
  nested <- vapply(seq_len(max(terms - 1, 0)), function(last) {
    fixed_point(fit, x[, kept & term <= last, drop = FALSE], has_intercept, NULL)$deviance
  }, 0)
  c(fit$null.deviance, nested, if (terms > 0) fit$deviance)
}

# ---- What is compared ----

# Quantities that must be equal, not close.
labels_of <- function(fit, new_rows) {
  table <- analysis_of_deviance(fit)
  list(
    `coefficient names` = names(coef(fit)), aliased = is.na(coef(fit)), `vcov dimnames` = suppressWarnings(dimnames(vcov(fit))),
    rank = fit$rank, df.residual = df.residual(fit), df.null = fit$df.null, nobs = nobs(fit),
    `names of rows` = lapply(fit[row_components], names), `names of residuals` = names(residuals(fit)),
    shapes = lapply(fit[row_components], dim), y = as.double(fit$y), `prior weights` = as.double(fit$prior.weights),
    `weights()` = as.double(weights(fit)), offset = as.double(fit$offset), xlevels = fit$xlevels,
    contrasts = fit$contrasts, terms = without_environment(terms(fit)), formula = without_environment(formula(fit)),
    na.action = fit$na.action, `model frame names` = names(fit$model),
    `anova rows` = if (!is_failure(table)) rownames(table), `anova df` = if (!is_failure(table)) unlist(table[c("Df", "Resid. Df")]),
    `anova heading` = if (!is_failure(table)) attr(table, "heading"),
    `names of predictions` = names(or_null(predictions(fit, new_rows, "link")))
  )
}

row_components <- c("residuals", "fitted.values", "linear.predictors", "weights", "prior.weights", "y")

unequal_labels <- function(ours, theirs, new_rows) {
  a <- labels_of(ours, new_rows)
  b <- labels_of(theirs, new_rows)
  # Where glm() itself can't predict, whatever we say is right.
  if (is_failure(predictions(theirs, new_rows, "link"))) b$`names of predictions` <- NULL
  unlist(lapply(names(b), function(name) {
    difference <- all.equal(b[[name]], a[[name]], check.attributes = TRUE)
    if (!isTRUE(difference)) paste0(name, " differ: ", paste(utils::head(difference, 2), collapse = "; "))
  }))
}

without_environment <- function(formula) {
  environment(formula) <- emptyenv()
  attr(formula, ".Environment") <- NULL
  formula
}

# Quantities that must be close, each with the scale that its differences are relative to.
numbers_of <- function(fit, new_rows, deviances = NULL) {
  # summary() warns of zero weights in the dispersion.
  covariance <- suppressWarnings(vcov(fit))
  table <- if (is.null(deviances)) analysis_of_deviance(fit)
  c(
    list(coefficients = coef(fit), `standard errors` = sqrt(diag(covariance)), vcov = covariance,
         deviance = deviance(fit), null.deviance = fit$null.deviance, AIC = AIC(fit),
         dispersion = suppressWarnings(summary(fit))$dispersion, fitted = fitted(fit), `linear predictors` = fit$linear.predictors,
         `working weights` = fit$weights, `signed unit deviances` = signed_square(residuals(fit, "deviance"))),
    sapply(c("pearson", "working", "response"), function(type) residuals(fit, type), simplify = FALSE),
    list(`partial residuals` = or_null(residuals(fit, "partial")), `predicted eta` = or_null(predictions(fit, new_rows, "link")),
         `predicted mean` = or_null(predictions(fit, new_rows, "response")),
         `predicted eta, se` = or_null(standard_errors_of_prediction(fit, new_rows, "link")),
         `predicted mean, se` = or_null(standard_errors_of_prediction(fit, new_rows, "response")),
         `anova deviances` = if (!is.null(deviances)) deviances else if (!is_failure(table)) table[["Resid. Dev"]])
  )
}

# A deviance residual near 0 is the root of what rounding left of its square.
signed_square <- function(values) values * abs(values)

or_null <- function(expression) {
  value <- attempt(suppressWarnings(expression))
  if (!is_failure(value)) value
}

predictions <- function(fit, new_rows, type) {
  if (!is.null(new_rows)) attempt(suppressWarnings(predict(fit, new_rows, type = type)))
}

# Without columns predict.glm() returns one for each row of the fit, whatever the new rows.
standard_errors_of_prediction <- function(fit, new_rows, type) {
  if (!is.null(new_rows) && fit$rank > 0) predict(fit, new_rows, type = type, se.fit = TRUE)$se.fit
}

analysis_of_deviance <- function(fit) attempt(suppressWarnings(anova(fit, test = "Chisq")))

# Coefficients: the larger of estimate and standard error. Rows: their own size, but rounding is that of the
# typical row. A sum of squares that vanishes does so from the size of the total.
scale_for <- function(name, reference) {
  value <- reference[[name]]
  errors <- reference[["standard errors"]]
  switch(name,
    coefficients = pmax(abs(value), replace(errors, !is.finite(errors), 0)),
    vcov = outer(errors, errors),
    `standard errors` = errors,
    deviance = , `anova deviances` = pmax(abs(value), 1e-6 * abs(reference$null.deviance)),
    null.deviance = , dispersion = abs(value),
    AIC = max(abs(value), length(reference$fitted)),
    pmax(abs(value), 1e-3 * sqrt(mean(value[is.finite(value)]^2)))
  )
}

largest_difference <- function(a, b, scale) {
  if (length(a) != length(b) || !identical(is.na(as.vector(a)), is.na(as.vector(b)))) return(Inf)
  differs <- which(as.vector(a) != as.vector(b))
  if (!length(differs)) return(0)
  max(abs(as.vector(a) - as.vector(b))[differs] / pmax(rep_len(as.vector(scale), length(a))[differs], 1e-300))
}

# One row per quantity: how far apart the four fits are.
compare_fits <- function(ours, tight, theirs, exact, new_rows) {
  ours <- numbers_of(ours, new_rows)
  tight <- numbers_of(tight, new_rows)
  theirs <- numbers_of(theirs, new_rows)
  deviances <- if (is.null(theirs[["anova deviances"]])) NULL else or_null(nested_deviances(exact))
  exact <- numbers_of(exact, new_rows, if (is.null(deviances)) theirs[["anova deviances"]] else deviances)
  names <- names(exact)[!vapply(theirs, is.null, NA)[names(exact)]]
  between <- function(a, b) {
    vapply(names, function(name) largest_difference(a[[name]], b[[name]], scale_for(name, exact)), 0)
  }
  data.frame(quantity = names, to_glm = between(ours, theirs), to_converged = between(ours, exact),
             glm_to_converged = between(theirs, exact), tight_to_converged = between(tight, exact))
}

too_far <- function(comparison) {
  limits <- agreement_limits
  loose <- comparison$to_glm > limits$default & comparison$to_converged > comparison$glm_to_converged
  wrong <- comparison$tight_to_converged > limits$tight
  at <- comparison[loose | wrong, ]
  if (!nrow(at)) return(NULL)
  sprintf("%s: %.1e from glm, %.1e from the fixed point (glm: %.1e); at epsilon = 1e-14 %.1e", at$quantity, at$to_glm,
          at$to_converged, at$glm_to_converged, at$tight_to_converged)
}

# ---- The record ----

record_agreement <- function(label, comparison, fit, problems) {
  worst <- function(column) comparison$quantity[which.max(comparison[[column]])]
  agreement_record$fits[[length(agreement_record$fits) + 1]] <- data.frame(
    label = label, family = fit$family$family, link = fit$family$link, rows = nobs(fit), rank = fit$rank,
    to_glm = max(comparison$to_glm), to_converged = max(comparison$to_converged),
    glm_to_converged = max(comparison$glm_to_converged), worst_default = worst("to_converged"),
    tight = max(comparison$tight_to_converged), worst_tight = worst("tight_to_converged"), problems = problems
  )
}

agreement_summary <- function() do.call(rbind, agreement_record$fits)

describe_agreement <- function(summary) {
  line <- function(what, column, quantity) {
    at <- which.max(summary[[column]])
    sprintf("%s: %.1e, in %s of %s", what, summary[[column]][at], summary[[quantity]][at], summary$label[at])
  }
  paste(c(
    sprintf("%d fits beside glm(), %d families, %d pairs of family and link.", nrow(summary), length(unique(summary$family)),
            nrow(unique(summary[c("family", "link")]))),
    line("Furthest from the fixed point at default control", "to_converged", "worst_default"),
    sprintf("(glm() there: %.1e; glm()'s own furthest: %.1e)", summary$glm_to_converged[which.max(summary$to_converged)],
            max(summary$glm_to_converged)),
    line("Furthest at epsilon = 1e-14", "tight", "worst_tight")
  ), collapse = "\n")
}
