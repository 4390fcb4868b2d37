fit <- glmpp(am ~ hp + wt, binomial, mtcars)
p <- unname(fitted(fit))
y <- mtcars$am
cost <- c(false_positive = 1, false_negative = 5)

test_that("rates, counts and costs are those of counting", {
  table <- threshold_table(fit, thresholds = c(0.7, 0.2, 0.5), cost = cost)
  expect_true(all(c(0.2, 0.5, 0.7) %in% table$data$threshold))
  for (i in seq_len(nrow(table$data))) {
    row <- table$data[i, ]
    flagged <- p >= row$threshold
    expect_equal(row$flagged, mean(flagged))
    expect_equal(row$sensitivity, mean(flagged[y == 1]))
    expect_equal(row$specificity, mean(!flagged[y == 0]))
    expect_equal(row$ppv, mean(y[flagged]))
    expect_equal(row$npv, mean(1 - y[!flagged]))
    expect_equal(row$accuracy, mean(flagged == y))
    expect_equal(row$cost, mean(ifelse(flagged, 1 - y, 5 * y)))
    expect_equal(unlist(table$counts[i, -1], use.names = FALSE),
                 as.numeric(c(sum(flagged & y), sum(flagged & !y), sum(!flagged & y), sum(!flagged & !y))))
  }
})

test_that("the best threshold has the least cost of all", {
  table <- threshold_table(fit, cost = cost)
  costs <- vapply(c(p, Inf), function(threshold) mean(ifelse(p >= threshold, 1 - y, 5 * y)), 0)
  expect_equal(table$data$cost[table$data$threshold == table$best], min(costs))
  backwards <- glmpp(am ~ 1, binomial, mtcars)
  expect_match(threshold_table(backwards, cost = c(false_negative = 1, false_positive = 9))$notes, "flag none", all = FALSE)
  expect_identical(threshold_table(backwards, cost = c(false_negative = 1, false_positive = 9))$best, Inf)
  expect_equal(threshold_table(backwards, cost = c(false_negative = 9, false_positive = 1))$best, unname(fitted(backwards)[1]))
})

test_that("shares of nothing are NA, and the default thresholds follow the data", {
  ends <- threshold_table(fit, thresholds = c(0, 1))$data
  expect_identical(is.na(ends$npv), c(TRUE, FALSE))
  expect_identical(is.na(ends$ppv), c(FALSE, TRUE))
  rare <- data.frame(x = 1:1000 / 1000, y = as.numeric(1:1000 %% 97 == 0))
  table <- threshold_table(glmpp(y ~ x, binomial, rare))
  expect_gt(nrow(table$data), 5)
  expect_true(all(diff(table$data$threshold) > 0) && max(table$data$threshold) < 0.2)
  expect_lt(max(abs(diff(table$data$flagged))), 0.3)
})

test_that("a weight of two counts as two rows", {
  weights <- rep(1:2, 16)
  weighted <- glmpp(am ~ hp + wt, binomial, mtcars, weights = weights)
  repeated <- glmpp(am ~ hp + wt, binomial, mtcars[rep(1:32, weights), ])
  expect_equal(threshold_table(weighted, thresholds = c(0.3, 0.6), cost = cost)$data[1:2, ],
               threshold_table(repeated, thresholds = c(0.3, 0.6), cost = cost)$data[1:2, ], tolerance = 1e-6)
})

test_that("both pictures are drawn, and without costs the second is refused", {
  pdf(NULL)
  on.exit(dev.off())
  table <- threshold_table(fit, cost = cost)
  expect_silent(plot(table))
  expect_silent(plot(table, what = "cost"))
  expect_silent(plot(threshold_table(glmpp(am ~ 1, binomial, mtcars), cost = c(false_negative = 1, false_positive = 9)), what = "cost"))
  expect_error(plot(threshold_table(fit), what = "cost"), "without costs", class = "glmpp_error_argument")
  skip_if_not_installed("ggplot2")
  expect_silent(ggplot2::ggplot_build(ggplot2::autoplot(table, what = "cost")))
})

test_that("wrong arguments are refused", {
  expect_error(threshold_table(fit, thresholds = 1.2), "0 to 1", class = "glmpp_error_argument")
  expect_error(threshold_table(fit, cost = c(1, 2)), "false_positive", class = "glmpp_error_argument")
  expect_error(threshold_table(fit, cost = c(false_positive = -1, false_negative = 2)), class = "glmpp_error_argument")
  expect_error(threshold_table(glmpp(mpg ~ wt, gaussian, mtcars)), class = "glmpp_error_family")
  expect_error(threshold_table(fit, mtcars[c("hp", "wt")]), "lacks am", class = "glmpp_error_newdata")
})
