# What a call ends in, with every message that is not an error.
outcome_of <- function(call, envir = parent.frame()) {
  warnings <- list()
  value <- tryCatch(withCallingHandlers(eval(call, envir), warning = function(w) {
    warnings[[length(warnings) + 1]] <<- w
    invokeRestart("muffleWarning")
  }), error = identity)
  list(value = value, warnings = warnings)
}

expected_class <- function(name) {
  if (startsWith(name, "warning_")) paste0("glmpp_", name) else paste0("glmpp_error_", name)
}

# R's own words head these messages; they differ between its versions.
without_own_words <- function(condition) {
  text <- conditionMessage(condition)
  if (inherits(condition, "glmpp_error_frame") || grepl("^`family` can't be evaluated", text)) sub("^[^\n]*", "(R's own words)", text) else text
}

for (group in names(bad_calls)) {
  test_that(paste("a condition of a class of ours says what is wrong:", group), {
    calls <- bad_calls[[group]]
    texts <- vapply(seq_along(calls), function(k) {
      text <- deparse1(calls[[k]])
      outcome <- outcome_of(calls[[k]])
      class <- expected_class(names(calls)[k])
      is_warning <- startsWith(class, "glmpp_warning")
      found <- if (is_warning) Find(function(w) inherits(w, class), outcome$warnings) else outcome$value
      expect(inherits(found, class), sprintf("%s: not a %s, but %s.", text, class, paste(class(found), collapse = ", ")))
      expect(is_warning || inherits(found, "glmpp_error"), sprintf("%s: no glmpp_error.", text))
      for (warning in outcome$warnings) {
        expect(inherits(warning, "glmpp_warning"), sprintf("%s: a warning without class: %s", text, conditionMessage(warning)))
      }
      if (!inherits(found, "condition")) return("")
      expect(grepl("\n[xi] ", conditionMessage(found)), sprintf("%s: neither element nor remedy.", text))
      sprintf("> %s\n%s\n", text, without_own_words(found))
    }, "")
    expect_snapshot_output(cat(texts, sep = "\n"))
  })
}

test_that("unusual but right calls get glm()'s answer, in silence", {
  for (call in odd_calls) {
    text <- deparse1(call)
    ours <- outcome_of(call)
    call[[1]] <- quote(stats::glm)
    call$control <- list(epsilon = 1e-12, maxit = 100)
    theirs <- outcome_of(call)$value
    expect(!length(ours$warnings), paste(text, "warned:", lapply(ours$warnings, conditionMessage)))
    expect_s3_class(ours$value, "glmpp")
    expect_equal(coef(ours$value), coef(theirs), tolerance = 1e-7, info = text)
    expect_equal(ours$value$deviance, theirs$deviance, tolerance = 1e-7, info = text)
    expect_equal(fitted(ours$value), fitted(theirs), tolerance = 1e-7, info = text)
  }
})

test_that("the catalogue is as long as it should be", {
  expect_gte(length(unique(unlist(bad_calls))), 120)
})

test_that("a wrong call is refused before the data are read", {
  untouched <- TRUE
  delayedAssign("data", {
    untouched <<- FALSE
    bad
  })
  for (call in alist(glmpp(y ~ x, binomial, data, weigths = 1), glmpp(y ~ x, "binomal", data),
                     glmpp(y ~ x, binomial, data, epsilon = -1), glmpp(y ~ x, binomial, data, method = "foo"))) {
    expect_error(eval(call), class = "glmpp_error")
    expect_true(untouched, info = deparse1(call))
  }
})

test_that("rows with unknown levels, missing or infinite values are predicted as NA, the others as ever", {
  new <- data.frame(x = c(1, 2, NA, 4), f = c("a", "z", "b", "c"))
  known <- predict(counts_fit, new[c(1, 4), ])
  expect_equal(unname(predict(counts_fit, new, new_levels = "na")), c(known[[1]], NA, NA, known[[2]]))
  ours <- predict(counts_fit, new, new_levels = "na", se.fit = TRUE)
  expect_identical(which(is.na(ours$se.fit)), c("2" = 2L, "3" = 3L))
  terms <- predict(counts_fit, new, type = "terms", new_levels = "na")
  expect_identical(unname(which(is.na(terms[, "f"]))), 2L)
  expect_identical(unname(which(is.na(terms[, "x"]))), 2:3)
  expect_equal(terms[c(1, 4), ], predict(counts_fit, new[c(1, 4), ], type = "terms"), ignore_attr = TRUE)
})

test_that("a factor or text stands for the logical it spells", {
  expect_equal(predict(logical_fit, data.frame(b = factor(c("TRUE", "FALSE")))), predict(logical_fit, data.frame(b = c(TRUE, FALSE))))
})

test_that("offsets follow in predict() and update(), in the formula or as an argument", {
  new <- data.frame(x = c(1, 4), z = c(0, 2), count = c(1, 2))
  calls <- alist(fitter(count ~ x + offset(z), poisson, bad), fitter(count ~ x, poisson, bad, offset = z),
                 fitter(count ~ x + offset(log(w)), poisson, bad, offset = z))
  new$w <- c(1, 5)
  for (call in calls) {
    call[[1]] <- quote(glmpp)
    ours <- eval(call)
    call[[1]] <- quote(glm)
    theirs <- eval(call)
    expect_equal(predict(ours, new), predict(theirs, new), tolerance = 1e-7)
    expect_equal(predict(ours, new, type = "response"), predict(theirs, new, type = "response"), tolerance = 1e-7)
    expect_equal(coef(update(ours, . ~ . + f)), coef(update(theirs, . ~ . + f)), tolerance = 1e-6)
    with_missing <- replace(new, "z", list(c(NA, 2)))
    expect_equal(unname(predict(ours, with_missing)), unname(predict(theirs, with_missing)), tolerance = 1e-7)
  }
})

test_that("dropped rows are on the object, never lost", {
  fit <- glmpp(y ~ gap, binomial, bad)
  expect_equal(fit$na.action, glm(y ~ gap, binomial, bad)$na.action)
  expect_output(print(summary(fit)), "1 observation deleted due to missingness")
})

test_that("unused levels are dropped where glm() drops them", {
  ours <- glmpp(count ~ f, poisson, bad, subset = f != "c")
  theirs <- glm(count ~ f, poisson, bad, subset = f != "c")
  expect_identical(ours$xlevels, theirs$xlevels)
  expect_identical(names(coef(ours)), names(coef(theirs)))
})

test_that("not converging is a warning that tells the score, the last gains, why, and the next step", {
  slow <- expect_warning(glmpp(count ~ x, poisson, bad, maxit = 2), class = "glmpp_warning_convergence")
  expect_match(conditionMessage(slow), "score is .*lowered the deviance by .*maxit")
  scaled <- expect_warning(glmpp(count ~ I(x * 1e306), poisson, bad), class = "glmpp_warning_convergence")
  expect_match(conditionMessage(scaled), "Badly scaled: .*x \\* 1e.*unit")
})

test_that("anova() of models on different rows names the rows and the variable whose missing values took them", {
  error <- expect_error(anova(counts_fit, gap_fit), class = "glmpp_error_rows")
  expect_match(conditionMessage(error), "row 2.*`gap` \\(1\\)")
  moved <- glmpp(count ~ x, poisson, bad, subset = -1)
  other <- glmpp(count ~ x + z, poisson, bad, subset = -2)
  expect_error(anova(moved, other), class = "glmpp_error_rows")
  expect_silent(anova(moved, update(moved, . ~ . + z), test = "Chisq"))
})

test_that("extreme means are told from separation, with their rows", {
  far <- data.frame(y = c(0, 1, 0, 1, 0, 1, 1, 0), x = c(1, 2, 3, 4, 2, 3, 1, 3000))
  far <- rbind(far, data.frame(y = rep(0:1, 20), x = rep(c(1, 1.2, 1.3, 1.4), 10)), data.frame(y = 0, x = 1e5))
  warning <- expect_warning(glmpp(y ~ x, binomial, far), class = "glmpp_warning_extreme_means")
  expect_match(conditionMessage(warning), "row.* 49.*No separation")
})

test_that("a failed fit leaves the session as it was", {
  old <- options()
  set.seed(1)
  seed <- .Random.seed
  try(glmpp(count ~ x, binomial, bad), silent = TRUE)
  glmpp(count ~ x, poisson, bad)
  expect_identical(.Random.seed, seed)
  expect_identical(options(), old)
})

test_that("integers near and beyond 2^31 do not overflow in sums and products", {
  large <- data.frame(x = 1:8, n = as.integer(c(2, 1.9, 2.1, 2, 1.5, 1.7, 1.2, 1) * 1e9), w = rep(c(2000000000L, 1000000000L), 4))
  doubled <- transform(large, n = as.double(n), w = as.double(w))
  calls <- alist(fitter(n ~ x, poisson, large), fitter(n ~ x, quasipoisson, large, weights = w), fitter(cbind(n, w) ~ x, binomial, large),
                 fitter(cbind(n, w) ~ x, binomial, large, weights = w), fitter(n ~ x, gaussian, large, weights = w),
                 fitter(I(1e12 * n) ~ x, poisson, large))
  for (call in calls) {
    call[[1]] <- quote(glmpp)
    ours <- expect_no_warning(eval(call))
    call[[1]] <- quote(glm)
    call[[4]] <- quote(doubled)
    theirs <- eval(call)
    expect_equal(coef(ours), coef(theirs), tolerance = 1e-7)
    expect_equal(c(ours$deviance, ours$null.deviance, AIC(ours)), c(theirs$deviance, theirs$null.deviance, AIC(theirs)), tolerance = 1e-7)
  }
})

test_that("columns whose squares vanish do not break a fit or its methods", {
  vanishing <- transform(bad, sub = w * 2^-1060, all_zero = 0)
  calls <- alist(glmpp(count ~ x + sub, Gamma("identity"), transform(vanishing, count = count + 1)), glmpp(y ~ f + sub, quasibinomial, vanishing),
                 glmpp(y ~ x + sub, binomial("log"), vanishing), glmpp(sub ~ f + b, gaussian("log"), vanishing))
  for (call in calls) {
    fit <- outcome_of(call)$value
    expect_s3_class(fit, "glmpp")
    for (use in alist(print(summary(fit)), predict(fit, vanishing[1:2, ], se.fit = TRUE), confint(fit), anova(fit, test = "Chisq"))) {
      capture.output(outcome <- outcome_of(use))
      expect(!inherits(outcome$value, "error") || inherits(outcome$value, "glmpp_error"),
             sprintf("%s of %s: %s", deparse1(use), deparse1(call), if (inherits(outcome$value, "error")) conditionMessage(outcome$value)))
    }
  }
})

test_that("an infinite value in a row that is dropped for a missing one is none", {
  rows <- data.frame(y = c(1, 0, 1, 0, 1), x = c(1, 2, Inf, 1.5, 3), z = c(1, 3, NA, 2, 2))
  expect_equal(coef(glmpp(y ~ x + z, gaussian, rows)), coef(glm(y ~ x + z, gaussian, rows)))
  rows$z[3] <- 1
  rows$x[1] <- NA
  expect_error(glmpp(y ~ x + z, gaussian, rows), "Row 3 is infinite", class = "glmpp_error_infinite")
})

test_that("a vector where one value belongs is an error of ours", {
  fit <- glmpp(am ~ wt, binomial, mtcars)
  classes <- glmpp(factor(gear > 3) ~ qsec, multinomial(), mtcars)
  afar <- glmpp(am ~ wt, binomial, chunks_of(mtcars, 20))
  both <- c(TRUE, FALSE)
  several <- c("Chisq", "F", "x")
  calls <- expression(
    predict(classes, se.fit = both), predict(classes, type = several), predict(classes, new_levels = several),
    residuals(classes, type = several), anova(classes, test = several), anova(afar, test = several),
    predict(fit, se.fit = both), vcov(fit, complete = both), vcov(afar, complete = both), influence(fit, do.coef = both)
  )
  for (call in calls) expect_error(eval(call), class = "glmpp_error_argument", info = deparse1(call))
})

test_that("the core refuses a response that is not as long as the design", {
  x <- cbind(1, as.double(1:5))
  open <- function(response) {
    open_problem_impl(list(kind = "rows", design = matrix_design(x), family = core_family(binomial()), response = response, group = FALSE))
  }
  expect_type(open(list(y = c(0, 1, 0, 1, 1))), "externalptr")
  expect_error(open(list(y = c(0, 1))), "2 for 5 rows", fixed = TRUE)
  expect_error(open(list(y = c(0, 1, 0, 1, 1), weights = numeric())), "0 for 5 rows", fixed = TRUE)
  expect_error(open(list(y = c(0, 1, 0, 1, 1), offset = 1)), "1 for 5 rows", fixed = TRUE)
})

test_that("glmpp_fit() refuses a control that is no list", {
  expect_error(glmpp_fit(cbind(1, 1:4), c(0, 1, 1, 0), family = binomial(), control = 5), "`control` must be a list", class = "glmpp_error_argument")
})
