package codes

import (
	"slices"
	"strings"
)

// runningWords are what messages call a task that runs; a review or a use ends
// by a person's deed. idleWords are what they say where none does.
var (
	runningWords = strings.Split("in progress,is running,another task,another operation,another request,other task,"+
		"other operation,being processed,being executed,is processing,is executing,in operation,mutex,not finished,"+
		"unfinished,进行中,处理中,执行中,操作中,部署中,变更中,创建中,正在进行,正在执行,正在处理,正在操作,正在变更,"+
		"正在部署,正在创建,其他任务,其它任务,其他操作,其它操作,任务冲突,互斥,未执行完,尚未完成", ",")
	idleWords = strings.Split("no task,no running,nothing in progress,not in progress,not being processed,没有正在,"+
		"无正在,不在进行中,未在进行中,不在执行中,不在处理中,不处于,未处于", ",")
)

// RunningTask reports whether a failure's message, in Chinese or English, names
// another task that holds the resource. It may decide only where the code says
// nothing (a bare FailedOperation, ResourceUnavailable or OperationDenied), and
// only to send a read-only call again: a message proves nothing about execution.
func RunningTask(message string) bool {
	message = strings.ToLower(message)
	says := func(word string) bool { return strings.Contains(message, word) }
	return slices.ContainsFunc(runningWords, says) && !slices.ContainsFunc(idleWords, says)
}
