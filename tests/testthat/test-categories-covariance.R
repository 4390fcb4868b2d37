# The covariance that verbs on fits of categories are told to take.

clustered <- with_local_seed(7, {
  data <- data.frame(x = rnorm(300), g = factor(sample(letters[1:3], 300, TRUE)), id = sample(30, 300, TRUE), year = sample(8, 300, TRUE))
  eta <- data$x + rnorm(30)[data$id]
  data$y <- cut(eta + rlogis(300), c(-Inf, -1, 1, Inf), c("low", "mid", "high"), ordered_result = TRUE)
  data$same <- 2 * data$x
  data$w <- rep_len(1:3, 300)
  data
})

# Scores of the rows by differences of their log-likelihoods, `probabilities` of coefficients in the order of vcov().
score_rows <- function(probabilities, at, y) central_differences(function(b) log(probabilities(b)[cbind(seq_along(y), y)]), at, 1e-5)

softmax_of <- function(x, baseline) {
  function(b) {
    eta <- x %*% t(matrix(b, ncol = ncol(x), byrow = TRUE))
    if (baseline) eta <- cbind(0, eta)
    exp(eta) / rowSums(exp(eta))
  }
}

# From the definition: clusters of each set of the variables, with the sign of inclusion and exclusion.
sandwich_by_hand <- function(bread, scores, type, rank, clusters = NULL) {
  n <- nrow(scores)
  meat_of <- function(group) {
    sums <- rowsum(scores, group)
    nrow(sums) / (nrow(sums) - 1) * crossprod(sums)
  }
  meat <- if (is.null(clusters)) crossprod(scores) else Reduce(`+`, lapply(clusters, meat_of))
  if (length(clusters) == 2) meat <- meat - meat_of(paste(clusters[[1]], clusters[[2]]))
  factor <- if (type == "HC0") 1 else if (is.null(clusters)) n / (n - rank) else (n - 1) / (n - rank)
  factor * bread %*% meat %*% bread
}

test_that("sandwiches and clusters of multinomial fits are those of their definition", {
  x <- model.matrix(~ x + g, clustered)
  for (baseline in c(TRUE, FALSE)) {
    fit <- glmpp(y ~ x + g, multinomial(baseline), clustered)
    scores <- score_rows(softmax_of(x, baseline), as.vector(t(coef(fit))), as.integer(clustered$y))
    for (type in c("HC0", "HC1")) {
      for (cluster in list(NULL, ~id, ~ id + year)) {
        expected <- sandwich_by_hand(vcov(fit), scores, type, 8, if (!is.null(cluster)) clustered[all.vars(cluster)])
        expect_equal(vcov(fit, type = type, cluster = cluster), expected, tolerance = 1e-7, ignore_attr = TRUE,
                     label = paste(type, deparse1(cluster)))
      }
    }
  }
})

scores_of_thresholds <- function(fit, data) {
  x <- model.matrix(~ x + g, data)[, -1]
  probabilities <- function(b) {
    below <- plogis(outer(-drop(x %*% b[1:3]), b[4:5], "+"))
    cbind(below[, 1], below[, 2] - below[, 1], 1 - below[, 2])
  }
  score_rows(probabilities, c(coef(fit), fit$thresholds), as.integer(data$y))
}

test_that("those of ordinal fits are sandwich's of MASS fits", {
  skip_without("MASS", "sandwich")
  theirs <- MASS::polr(y ~ x + g, clustered, Hess = TRUE, control = list(reltol = 1e-16, maxit = 1e4))
  ours <- glmpp(y ~ x + g, ordinal(), clustered)
  for (type in c("HC0", "HC1")) {
    for (cluster in list(~id, ~ id + year)) {
      expect_equal(vcov(ours, type = type, cluster = cluster), sandwich::vcovCL(theirs, cluster, type = type), tolerance = 1e-4,
                   ignore_attr = TRUE)
    }
  }
  plain <- sandwich_by_hand(vcov(ours), sandwich::estfun(theirs), "HC0", 5)
  expect_equal(vcov(ours, type = "HC0"), plain, tolerance = 1e-4, ignore_attr = TRUE)
  by_hand <- sandwich_by_hand(vcov(ours), scores_of_thresholds(ours, clustered), "HC1", 5, clustered[c("id", "year")])
  expect_equal(vcov(ours, type = "HC1", cluster = ~ id + year), by_hand, tolerance = 1e-7, ignore_attr = TRUE)
  unadjusted <- vcov(ours, type = "HC0", cluster = ~id, cadjust = FALSE)
  expect_equal(unadjusted * 30 / 29, vcov(ours, type = "HC0", cluster = ~id), tolerance = 1e-12)
})

test_that("summary(), confint(), predict(), tidy() and emmeans take it", {
  for (family in list(multinomial(), multinomial(FALSE), ordinal())) {
    fit <- glmpp(y ~ x + g + same, family, clustered, weights = w)
    robust <- vcov(fit, type = "HC1", cluster = ~ id + year)
    choices <- list(HC0 = "HC0", HC1 = "HC1", clusters = ~ id + year, matrix = robust, known = vcov(fit, complete = FALSE, type = "HC1"),
                    fun = function(fit) vcov(fit, type = "HC0", cluster = ~id))
    for (choice in choices) {
      expected <- if (is.function(choice)) choice(fit)
                  else if (is.matrix(choice)) if (nrow(choice) == nrow(vcov(fit))) choice else vcov(fit, type = "HC1")
                  else if (inherits(choice, "formula")) robust
                  else vcov(fit, type = choice)
      errors <- sqrt(diag(expected))
      table <- coef(summary(fit, vcov = choice))
      expect_equal(table[, 2], errors, tolerance = 1e-12)
      expect_equal(table[, 4], 2 * pnorm(-abs(table[, 1] / errors)), tolerance = 1e-12)
      expect_equal(confint(fit, vcov = choice)[, 2], table[, 1] + qnorm(0.975) * errors, tolerance = 1e-12)
      by_matrix <- predict(fit, clustered[1:4, ], type = "probs", se.fit = TRUE, vcov = expected)
      expect_equal(predict(fit, clustered[1:4, ], type = "probs", se.fit = TRUE, vcov = choice), by_matrix, tolerance = 1e-12)
      tidied <- tidy.glmpp_categories(fit, conf.int = TRUE, vcov = choice)
      expect_equal(tidied$std.error, unname(errors), tolerance = 1e-12)
      expect_equal(tidied$conf.low, unname(confint(fit, vcov = choice)[, 1]), tolerance = 1e-12)
    }
    expect_equal(summary(fit, vcov = "model"), summary(fit))
    expect_identical(sum(is.na(coef(summary(fit, vcov = "HC1"))[, 2])), if (is.matrix(coef(fit))) nrow(coef(fit)) else 1L)
    expect_output(print(summary(fit, vcov = ~ id + year)), "Standard errors: clustered by id + year", fixed = TRUE)
    expect_output(print(summary(fit, vcov = robust)), "Standard errors: of the matrix given as `vcov`", fixed = TRUE)
  }
})

test_that("a prediction's standard error follows from the covariance that is chosen", {
  fit <- glmpp(y ~ x + g, multinomial(), clustered)
  x <- model.matrix(~ x + g, clustered)[1:4, ]
  robust <- vcov(fit, type = "HC1")
  predicted <- predict(fit, clustered[1:4, ], se.fit = TRUE, vcov = "HC1")
  expect_equal(predicted$se.fit[, 1], sqrt(rowSums((x %*% robust[1:4, 1:4]) * x)), tolerance = 1e-10, ignore_attr = TRUE)
  expect_equal(predict(fit, se.fit = TRUE, vcov = "HC1")$se.fit[1:4, ], predicted$se.fit, tolerance = 1e-10)
  skip_without("emmeans")
  errors <- function(...) as.data.frame(emmeans::emmeans(fit, ~ y | g, mode = "prob", ...))$SE
  expect_equal(errors(vcov. = robust), errors(vcov. = function(fit) robust), tolerance = 1e-12)
  expect_false(isTRUE(all.equal(errors(vcov. = robust), errors(), tolerance = 1e-4)))
})

test_that("rows that were left out have no part, and what can't be is said", {
  with_gaps <- transform(clustered, x = replace(x, c(4, 90), NA))
  fit <- glmpp(y ~ x + g, ordinal(), with_gaps, na.action = na.exclude)
  complete <- glmpp(y ~ x + g, ordinal(), with_gaps[-c(4, 90), ])
  expect_equal(coef(summary(fit, vcov = ~ id + year)), coef(summary(complete, vcov = ~ id + year)), tolerance = 1e-10)
  for (call in expression(summary(fit, vcov = "HC3"), summary(fit, vcov = "observed"), confint(fit, vcov = diag(2)), vcov(fit, type = "HC2"),
                          summary(fit, vcov = 3), vcov(fit, cluster = ~id), vcov(fit, type = "HC1", cadjust = FALSE))) {
    expect_error(eval(call), class = "glmpp_error_argument", label = deparse1(call))
  }
  expect_error(summary(fit, vcov = newey_west(~year)), class = "glmpp_error_covariance")
  expect_error(summary(fit, vcov = ~nowhere), class = "glmpp_error_cluster")
  missing <- glmpp(y ~ x, ordinal(), transform(clustered, year = replace(year, 8, NA)))
  expect_error(summary(missing, vcov = ~ id + year), class = "glmpp_error_cluster")
  expect_error(summary(update(fit, keep = "rows"), vcov = "HC1"), class = "glmpp_error_left_out")
})

test_that("terms have Wald tests by the covariance that is given, and bootstrap intervals", {
  d <- with_local_seed(31, {
    d <- data.frame(x = rnorm(300), g = factor(sample(letters[1:3], 300, TRUE)), id = sample(40, 300, TRUE))
    d$class <- factor(ifelse(runif(300) < plogis(d$x), "p", sample(c("q", "r"), 300, TRUE)))
    d$level <- ordered(cut(d$x + rlogis(300), c(-Inf, -1, 1, Inf), labels = 1:3))
    d
  })
  for (family in list(multinomial(), ordinal())) {
    formula <- if (family$family == "ordinal") level ~ x + g else class ~ x + g
    fit <- glmpp(formula, family, d)
    estimates <- coef(summary(fit))[, 1]
    for (vcov in list("model", "HC1", ~id)) {
      covariance <- if (inherits(vcov, "formula")) stats::vcov(fit, type = "HC1", cluster = vcov)
                    else stats::vcov(fit, type = sub("model", "const", vcov))
      table <- anova(fit, vcov = vcov)
      places <- grep("g[bc]$", names(estimates))
      by_hand <- drop(estimates[places] %*% solve(covariance[places, places], estimates[places]))
      expect_equal(table["g", "Chisq"], by_hand, tolerance = 1e-8)
      expect_equal(table["g", "Df"], length(places))
      expect_equal(drop1(fit, vcov = vcov), table, ignore_attr = "heading")
      expect_equal(anova(update(fit, . ~ x), fit, vcov = vcov)$Chisq[2], by_hand, tolerance = 1e-8)
    }
    limits <- confint(fit, method = "bootstrap", R = 99, seed = 1, interval = "percentile")
    expect_equal(limits, confint(bootstrap(fit, 99, seed = 1), interval = "percentile"))
    expect_identical(rownames(limits), names(estimates))
  }
})
